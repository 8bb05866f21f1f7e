package notrace

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
)

const secret = "what must not stay"

// pipe gives the reading end of a connection that text comes through.
func pipe(t *testing.T, text string) *Conn {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close() })
	go func() {
		_, _ = io.WriteString(theirs, text)
		_ = theirs.Close()
	}()
	return &Conn{Conn: ours}
}

func TestWhatWasReadIsWiped(t *testing.T) {
	c := pipe(t, secret+secret)
	first, second := make([]byte, len(secret)), make([]byte, len(secret))
	for _, p := range [][]byte{first, second} {
		if _, err := io.ReadFull(c, p); err != nil || string(p) != secret {
			t.Fatalf("%q, %v", p, err)
		}
	}
	c.Wipe()
	for _, p := range [][]byte{first, second} {
		if len(bytes.Trim(p, "\x00")) > 0 {
			t.Errorf("%q is left", p)
		}
	}
	copy(first, secret)
	if c.Wipe(); string(first) != secret {
		t.Error("what was wiped once is wiped again, when it may be something else")
	}
}

func TestAReadersBufferIsWiped(t *testing.T) {
	r := bufio.NewReaderSize(strings.NewReader(strings.Repeat(secret, 100)), 512)
	if _, err := r.Discard(100); err != nil {
		t.Fatal(err)
	}
	rest, err := r.Peek(r.Buffered())
	if err != nil || !bytes.Contains(rest, []byte(secret)) {
		t.Fatalf("%q, %v", rest, err)
	}
	WipeReader(r)
	if len(bytes.Trim(rest, "\x00")) > 0 {
		t.Errorf("%q is left", rest)
	}
}
