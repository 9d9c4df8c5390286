CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL, city text NOT NULL);
CREATE TABLE product (id bigint PRIMARY KEY, name text NOT NULL, price numeric(8, 2) NOT NULL);
CREATE TABLE sale (
  customer_id bigint REFERENCES customer (id),
  product_id bigint REFERENCES product (id),
  sold_on date NOT NULL,
  quantity integer NOT NULL
);
