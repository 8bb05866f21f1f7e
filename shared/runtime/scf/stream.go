package scf

import (
	"errors"
	"io"
	"slices"
)

// stream is what the platform sends on a connection: messages of package gob. Each is
// read into the one buffer that there is, and an event stays in it: a decoder would copy
// it, into new memory for every message, where nobody else can overwrite it. So the
// decoder is given the message with a stand-in in the event's place. A stream is not safe
// for concurrent use.
type stream struct {
	from   io.Reader
	buf    []byte // the whole of it is there from the start, and used as far as needed
	filled int
	short  []byte // what the decoder has yet to be given of a message
	bodies bool   // set while the messages may hold an event
	event  []byte // of the last message, in buf; nil if there was none
}

// mostMessage is the most bytes that a message may have: SCF takes events of 6 MB
// (Tencent Cloud document 583/11637), and tells a little beside them.
const mostMessage = 6<<20 + 64<<10

var (
	errMessage  = errors.New("scf: not a message of package gob")
	errTooLarge = errors.New("scf: a message above the platform's limit")
	errNoEvent  = errors.New("scf: the event is not where it should be")
)

func newStream(from io.Reader) *stream { return &stream{from: from, buf: make([]byte, mostMessage)} }

// Read gives the decoder what is left of a message, or the next one.
func (s *stream) Read(p []byte) (int, error) {
	if len(s.short) == 0 {
		message, err := s.next()
		if err != nil {
			return 0, err
		}
		if s.short, err = s.shorten(message); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.short)
	s.short = s.short[n:]
	return n, nil
}

// next reads a message, which is its length and so many bytes. Only before one may a
// stream end.
func (s *stream) next() ([]byte, error) {
	var first [9]byte
	if _, err := io.ReadFull(s.from, first[:1]); err != nil {
		return nil, err
	}
	width := width(first[0])
	if width > len(first) {
		return nil, errMessage
	}
	if _, err := io.ReadFull(s.from, first[1:width]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	size, _, _ := number(first[:width])
	if size > mostMessage {
		return nil, errTooLarge
	}
	message := s.buf[:size]
	s.filled = max(s.filled, len(message))
	if _, err := io.ReadFull(s.from, message); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	return message, nil
}

// standIn is the event that the decoder finds.
const standIn = "?"

// shorten takes the event out of a message.
//
// A message begins with its type, or with a negative one if it tells what a type is.
// Behind that an InvokeRequest has those of its fields that are not empty, each with its
// distance from the one before, and the event is the first of them. Should the platform
// ever have another there, the decoder will find the stand-in in that.
func (s *stream) shorten(message []byte) ([]byte, error) {
	id, rest, ok := number(message)
	if describes := id&1 == 1; !ok || describes || !s.bodies || len(rest) == 0 || rest[0] != 1 {
		return slices.Concat(count(len(message)), message), nil
	}
	head := message[:len(message)-len(rest)+1]
	size, rest, ok := number(rest[1:])
	if !ok || size > uint64(len(rest)) {
		return nil, errMessage
	}
	s.event = rest[:size:size]
	tail := rest[size:]
	return slices.Concat(
		count(len(head)+1+len(standIn)+len(tail)), head, count(len(standIn)), []byte(standIn), tail,
	), nil
}

// lend puts the event where the decoder has put the stand-in. Without an event there is
// none.
func (s *stream) lend(payload *[]byte) error {
	if want := s.event != nil; want != (string(*payload) == standIn) || !want && len(*payload) > 0 {
		clear(*payload)
		return errNoEvent
	}
	*payload = s.event
	return nil
}

// wipe overwrites all that was read.
func (s *stream) wipe() {
	clear(s.buf[:s.filled])
	clear(s.short)
	s.filled, s.short, s.event = 0, nil, nil
}

// Package gob writes a number below 128 as one byte, and else its bytes, most significant
// first, after one with their negated count (documentation of encoding/gob, "Encoding
// details").

// width is how many bytes a number has that begins with this one.
func width(first byte) int {
	if first < 0x80 {
		return 1
	}
	return 1 - int(int8(first))
}

// number is the one that b begins with, and what follows it.
func number(b []byte) (n uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	w := width(b[0])
	if w > 9 || w > len(b) {
		return 0, nil, false
	}
	if w == 1 {
		return uint64(b[0]), b[1:], true
	}
	for _, x := range b[1:w] {
		n = n<<8 | uint64(x)
	}
	return n, b[w:], true
}

// count is the length of something, as a number.
func count(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	var b []byte
	for ; n > 0; n >>= 8 {
		b = append(b, byte(n))
	}
	slices.Reverse(b)
	return append([]byte{byte(-len(b))}, b...)
}
