package notrace

import (
	"bufio"
	"net"
)

// Conn remembers the memory that was read into, so that it can be overwritten when
// whoever read is done with it. It is an io.ByteReader, for which package encoding/gob
// puts no buffer of its own in front. A Conn is not safe for concurrent reads.
type Conn struct {
	net.Conn
	filled [][]byte
	one    [1]byte
}

// Read is the connection's.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.filled = append(c.filled, p[:n])
	}
	return n, err
}

// ReadByte reads one byte.
func (c *Conn) ReadByte() (byte, error) {
	for {
		n, err := c.Conn.Read(c.one[:])
		if n == 1 {
			return c.one[0], nil
		}
		if err != nil {
			return 0, err
		}
	}
}

// Wipe overwrites all that was read since the last time.
func (c *Conn) Wipe() {
	for _, p := range c.filled {
		clear(p)
	}
	clear(c.filled)
	c.filled = c.filled[:0]
}

// WipeReader overwrites a reader's buffer, and with it what was not read out of it.
func WipeReader(r *bufio.Reader) {
	r.Reset(zeros{})
	_, _ = r.Peek(r.Size()) // zeros never ends
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
