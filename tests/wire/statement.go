package wire

import (
	"bytes"
	"encoding/binary"
)

// Statement is one that a client sends, with its arguments as they travel.
type Statement struct {
	SQL   string
	Types []uint32 // of the arguments, as far as the client says (OIDs)
	Args  []Arg
	Trip  int64 // the same for those that are sent together, where there is one connection
	Link  int64 // the same for those that are sent over one connection
}

// Arg is an argument: text, or bytes where the client sends it so.
type Arg struct {
	Value  []byte
	Binary bool
	Null   bool
}

// Fault is what is done to a statement; the zero value leaves it alone.
type Fault struct {
	Code string // it fails with this SQLSTATE in its place, and the transaction with it
	Cut  bool   // the connection ends before it is sent
	Lose bool   // it is done, with all that is sent with it, and the connection ends before an answer
}

// statement reads a Parse and a Bind message.
func statement(parse, bind []byte) (s Statement) {
	_, rest := text(parse[5:])
	s.SQL, rest = text(rest)
	s.Types = make([]uint32, number(&rest))
	for i := range s.Types {
		s.Types[i] = binary.BigEndian.Uint32(rest[4*i:])
	}
	_, rest = text(bind[5:])
	_, rest = text(rest)
	formats := make([]int, number(&rest))
	for i := range formats {
		formats[i] = number(&rest)
	}
	s.Args = make([]Arg, number(&rest))
	for i := range s.Args {
		a := &s.Args[i]
		switch {
		case len(formats) == 1:
			a.Binary = formats[0] == 1
		case i < len(formats):
			a.Binary = formats[i] == 1
		}
		size := int32(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if a.Null = size < 0; !a.Null {
			a.Value, rest = bytes.Clone(rest[:size]), rest[size:]
		}
	}
	return s
}

// named is the name that a Parse message gives its statement, boundTo that of a Bind message's;
// empty if it is not kept.
func named(parse []byte) string {
	name, _ := text(parse[5:])
	return name
}

func boundTo(bind []byte) string {
	_, rest := text(bind[5:]) // the portal's
	name, _ := text(rest)
	return name
}

func text(b []byte) (string, []byte) {
	end := bytes.IndexByte(b, 0)
	return string(b[:end]), b[end+1:]
}

func number(b *[]byte) int {
	n := int(binary.BigEndian.Uint16(*b))
	*b = (*b)[2:]
	return n
}

// failing are the messages of a statement that fails in the place of the next one: what
// comes before its failure is the same, and the server reads no further than that.
func failing(code string) []byte {
	m := build('P', "\x00DO $$BEGIN RAISE EXCEPTION 'a fault' USING ERRCODE = '"+code+"'; END$$\x00\x00\x00")
	m = append(m, build('B', "\x00\x00\x00\x00\x00\x00\x00\x00")...)
	return append(m, build('E', "\x00\x00\x00\x00\x00")...)
}

func build(kind byte, body string) []byte {
	m := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return append(m, body...)
}
