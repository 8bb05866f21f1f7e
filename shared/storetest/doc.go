// Package storetest is the conformance suite of package store: what every engine
// must do, proven through the store's own interface with the real rules of package
// domain. A test of an engine hands it a way to open databases:
//
//	func TestSQLite(t *testing.T) {
//		storetest.Run(t, func(t *testing.T, o store.Options) *store.Store { ... })
//	}
//
// The suite plays races with real concurrency, over many rounds and between two
// handles, as two instances of a function would have them. After each it reads the
// log as an auditor would (see chain), so that what it proves is what can be proven
// later.
package storetest
