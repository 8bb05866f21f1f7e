// Package ledger gives what Nod proves its bytes: the line of a Record and its
// leaf hash, and the canonical documents over which notices and delegations are
// hashed. An auditor's verifier needs this package and nothing that talks to a
// network or a database; neither is imported here.
//
// Lines and hashes are final: what is written today must still verify in years.
package ledger
