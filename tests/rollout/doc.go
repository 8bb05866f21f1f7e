// Package rollout has two releases of Nod at work on one database, as they are during a
// roll-out: the older one on its own schema and on the newest, both together, the newer one
// alone, and the older one again, when somebody goes back. People are checked all the
// while, behind one origin that gives each call to one of the processes that are in place;
// enterprises are entered, platforms ask for results, auditors export.
//
// No call may fail. The migration is made in the middle of it, and has to wait for somebody's
// transaction. At the end what people were told is held against the log (package told),
// and the bundle of each enterprise verifies by both releases, against the checkpoints that auditors
// kept at each step.
//
// `make rollout` builds the two and brings the database.
package rollout
