// Package bench measures Nod against what the same database and the same machine do
// without it: each benchmark tells a ratio of two things that were timed in one run.
//
// Its logs are long. Their lines are those that one real person's check left, with other
// ids, times and hashes; what the benchmark is about is then done by Nod's own code, on a
// real PostgreSQL.
package bench
