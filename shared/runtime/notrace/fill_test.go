package notrace

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestABufferIsFilledToTheEnd(t *testing.T) {
	brokeOff := io.ErrUnexpectedEOF // what a body of HTTP ends with that lacks a part
	for name, test := range map[string]struct {
		from io.Reader
		room int
		want string
		err  error
	}{
		"nothing":                  {strings.NewReader(""), 1, "", nil},
		"less than there is room":  {strings.NewReader("abc"), 8, "abc", nil},
		"byte by byte":             {iotest.OneByteReader(strings.NewReader("abc")), 4, "abc", nil},
		"the end with the data":    {iotest.DataErrReader(strings.NewReader("abc")), 4, "abc", nil},
		"as much as there is room": {strings.NewReader("abc"), 3, "abc", ErrTooMuch},
		"more":                     {strings.NewReader("abcd"), 3, "abc", ErrTooMuch},
		"broke off":                {io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(brokeOff)), 8, "abc", brokeOff},
	} {
		t.Run(name, func(t *testing.T) {
			buf := make([]byte, test.room)
			n, err := Fill(buf, test.from)
			if string(buf[:n]) != test.want || !errors.Is(err, test.err) {
				t.Errorf("%q, %v; want %q, %v", buf[:n], err, test.want, test.err)
			}
		})
	}
}
