// Prints the version of the graphql package of the scripts beside this one.
import { version } from 'graphql';

console.log(version);
