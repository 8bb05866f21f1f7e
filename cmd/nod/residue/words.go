package residue

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Setting tells where and of what a report was made.
type Setting struct {
	Command  string
	Date     time.Time
	Revision string
	SHA256   string // of the function's program
}

func (s Setting) write(b *strings.Builder) {
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		kernel = []byte("unknown")
	}
	fmt.Fprintf(b, "| | |\n|---|---|\n| Command | `%s` |\n| Date | %s |\n| SHA-256 of `verify` | `%s` |\n| Built with | %s, %s/%s |\n| Kernel | Linux %s |\n\n",
		s.Command, s.Date.UTC().Format(time.DateOnly), s.SHA256, runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.TrimSpace(string(kernel)))
	if s.Revision != "" { // the go command notes it, unless it was told not to
		fmt.Fprintf(b, "It was built of revision `%s`.\n\n", s.Revision)
	}
}

const method = `
Nod promises that after the answer nothing of a face is left, and neither is a name or an ID number. This
is the measurement of that promise.

The built function ` + "`verify`" + ` runs in a process of its own, as it does in a cloud: over the Runtime API of
AWS Lambda and over the protocol of Tencent SCF, with a PostgreSQL database, and with a face API that it
reaches by TLS. Each call brings an image of random bytes, as no other memory holds it. As soon as
the answer has left, the process is stopped and searched: all the memory that it can read, and the files
that it has open. What counts is any run of 16 bytes or more of the image, as it is or in base64, in each
of the three ways that base64 may fall; and the person's name or ID number as a whole, in UTF-8, UTF-16,
hex, base64 or escaped in JSON. The person is made up, of letters that no name has together. By turns, names
and numbers go to the vendor as they are, encrypted by AES-256-CBC, and encrypted by SM4-GCM. Then it goes on,
to the next case; every process begins with another one.
`

const limits = `
## What this does not cover

- The memory of the kernel: buffers of the connections, and the registers of a process that is not running.
- The network, the gateways of the clouds before the function, and the face API itself: what they keep is
  for the contract with them (see the delegation record), not for a measurement here.
- A panic, which nobody can ask of the built function. The tests of this search (` + "`go test ./cmd/nod/residue`" + `) do it
  with a build that panics while it has the image in its hands, and find 0 bytes; they also search builds that
  leak on purpose, as little as 16 bytes or one name, and find those.
- The functions that do not check anybody. The one that opens sessions gets a name and a number from the
  platform, and keeps them encrypted; the one that is searched here opens them.
- Half a name. What counts of a name and a number is the whole.
- A plain HTTP server (` + "`nod run`" + `), whose libraries keep pieces of what they read.
- Processors other than the one named above.
- The vendor's real endpoint: a stand-in is in its place, with the same protocol.
`
