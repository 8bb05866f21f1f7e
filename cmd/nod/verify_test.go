package main

import (
	"bytes"
	"testing"

	"nod/shared/ledger/bundle"
)

// What somebody put into a bundle reaches the terminal as text, and moves nothing on it.
func TestAVerificationToldMovesNothingOnTheTerminal(t *testing.T) {
	for said, want := range map[string]string{
		"the log x\x1b[2K\r\x07/y\n": `the log x\x1b[2K\r\a/y\n`,
		"one\u202ebackwards\u009b8m": `one\u202ebackwards\u009b8m`,
		"bytes \xff\x9b":             "bytes \ufffd\ufffd",
		"企业 “甲” holds":               "企业 “甲” holds",
	} {
		var out bytes.Buffer
		tellReport(&out, bundle.Report{Checked: []string{said}, Notes: []string{said}})
		if got := out.String(); got != "ok   "+want+"\nnote "+want+"\n" || plain(said) != want {
			t.Errorf("%q", got)
		}
	}
}
