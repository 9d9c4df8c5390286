"""How the project is installed, today and after everything it depends on was released again."""
