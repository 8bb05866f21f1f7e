// Package notices writes docs/notices: a notice to begin with for each purpose, route and
// audience that make sense together. What they share is written once, so that a sentence
// that is mended is mended in all of them:
//
//	go test ./tests/notices -update
package notices
