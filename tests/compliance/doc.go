// Package compliance writes the matrix of duties, docs/compliance.md and
// docs/compliance.zh-CN.md: what the law and the privacy guide ask, where the code does
// it, and which tests would fail if it did not. The duties and their places are in
// duties.json; the tests are found by their names.
//
// A place that is not there any more, a duty without a test, and a document that says
// something else all fail. After a change:
//
//	go test ./tests/compliance -update
package compliance
