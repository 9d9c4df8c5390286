// Prints the version of the graphql package that the scripts beside this one use.
import { version } from 'graphql';

console.log(version);
