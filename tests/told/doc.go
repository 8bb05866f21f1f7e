// Package told keeps what clients of Nod were told, and holds it against the log.
//
// People (see Crowd) go through whole checks at function processes that may be killed at
// any point (see Fleet), over a database that may go away, and against a face API
// (see Faces) that notes each call it gets. What was acknowledged to somebody is written
// down in a Book when its answer has arrived, and what they asked for before it is sent.
//
// Afterwards Hold reads the log, record by record, and finds every breach of the promise:
// a decision or outcome that was acknowledged and is not there, that is there twice or
// otherwise, a call of the face API without the Record of its Permit, and a check that
// neither has an outcome nor is unknown after its reservation has run out.
//
// A test binary whose processes are to be functions begins with Main.
package told
