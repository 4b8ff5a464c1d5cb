// Prints the queries that are no LogQL, one a line, and exits with 1 where there is one.
import { parser } from "@grafana/lezer-logql";

let refused = 0;
for (const query of process.argv.slice(2)) {
  let broken = false;
  parser.parse(query).iterate({ enter: (node) => { broken ||= node.type.isError; } });
  if (broken) {
    console.log(`no LogQL: ${query}`);
    refused = 1;
  }
}
process.exitCode = refused;
