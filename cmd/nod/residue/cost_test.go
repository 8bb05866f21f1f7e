package residue

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"

	"nod/tests/postgres"
)

// The two ways whose cost is compared: verify as it is, and as everybody would write it.
const (
	traceless = "traceless"
	plain     = "plain"
)

// swallows reads calls without looking at them, for as long as the connection lives, and
// lets everybody pass: what is measured is the function.
func swallows(v *vendor, conn net.Conn) {
	secure := v.secure(conn)
	defer secure.Close()
	in := bufio.NewReaderSize(secure, 64<<10)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		const body = `{"Response":{"Score":90,"FaceModelVersion":"3.0","RequestId":"r"}}`
		_, _ = io.WriteString(secure, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
	}
}

// caller hands over events that were made ready before: what the platform's side does
// with an event is no part of the function's cost.
type caller interface {
	ready(event []byte) (send func() ([]byte, error), err error)
}

func callerOf(f function) (caller, error) {
	scf, ok := f.(onSCF)
	if !ok {
		return asItIs{f}, nil
	}
	conn, err := scf.Dial()
	if err != nil {
		return nil, err
	}
	w := &wire{conn: conn, dec: gob.NewDecoder(conn)}
	w.enc = gob.NewEncoder(&w.call)
	return w, nil
}

type asItIs struct{ function }

func (a asItIs) ready(event []byte) (func() ([]byte, error), error) {
	return func() ([]byte, error) { return a.invoke(event, usual) }, nil
}

// wire is net/rpc's protocol in gob, with a call encoded before it is sent.
type wire struct {
	conn net.Conn
	call bytes.Buffer
	enc  *gob.Encoder
	dec  *gob.Decoder
	seq  uint64
}

func (w *wire) ready(event []byte) (func() ([]byte, error), error) {
	w.seq++
	w.call.Reset()
	deadline := time.Now().Add(usual)
	err := errors.Join(
		w.enc.Encode(&rpc.Request{ServiceMethod: "Function.Invoke", Seq: w.seq}),
		w.enc.Encode(&messages.InvokeRequest{Payload: event, Deadline: messages.InvokeRequest_Timestamp{Seconds: deadline.Unix()}}),
	)
	return w.send, err
}

func (w *wire) send() ([]byte, error) {
	if _, err := w.conn.Write(w.call.Bytes()); err != nil {
		return nil, err
	}
	var head rpc.Response
	var answer messages.InvokeResponse
	if err := errors.Join(w.dec.Decode(&head), w.dec.Decode(&answer)); err != nil {
		return nil, err
	}
	if head.Error != "" || answer.Error != nil {
		return nil, fmt.Errorf("%s %+v", head.Error, answer.Error)
	}
	return answer.Payload, nil
}

// cost is what the calls of one way took. Each with the large image is followed by one
// with the small: what that takes has nothing to do with the image.
type cost struct {
	f       function
	caller  caller
	took    map[size][]time.Duration
	over    []int64 // highest resident memory over that before the call, with the large image
	counted []uint64
}

// size is an image of a trial.
type size int

const large, small size = 0, 1

func (c *cost) call(b *testing.B, t *trial, on cloud, n size) {
	token, err := t.world.person(b.Context(), withPhoto[0], t.person)
	if err != nil {
		b.Fatal(err)
	}
	send, err := c.caller.ready(withPhoto[0].event(on, token, sent{"a1", t.images[n], t.person}))
	if err != nil {
		b.Fatal(err)
	}
	idle, err := resident(c.f.Pid())
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	answer, err := send()
	c.took[n] = append(c.took[n], time.Since(began))
	if err != nil || !strings.Contains(string(answer), "pass") {
		b.Fatalf("%v %s\n%s", err, answer, c.f.Log())
	}
	peak, err := peakResident(c.f.Pid())
	if err != nil {
		b.Fatal(err)
	}
	if n == large {
		c.over = append(c.over, peak.over(idle))
	}
	var told struct{ Headers map[string]string }
	if err := json.Unmarshal(answer, &told); err != nil {
		b.Fatal(err)
	}
	total, err := strconv.ParseUint(told.Headers[allocated], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	c.counted = append(c.counted, total)
}

// perLarge is what was allocated from the beginning of a call with the large image to
// that of the next.
func (c *cost) perLarge() (list []uint64) {
	for i := 0; i+1 < len(c.counted); i += 2 {
		list = append(list, c.counted[i+1]-c.counted[i])
	}
	return list
}

// ofTheImage is the time that the large image takes beyond the small.
func (c *cost) ofTheImage() float64 { return median(c.took[large]) - median(c.took[small]) }

func median[T time.Duration | int64 | uint64](list []T) float64 {
	sorted := slices.Sorted(slices.Values(list))
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[len(sorted)/2])
}

// BenchmarkCheck compares one check with an image of 3 MB by the two ways, one after the
// other so that a noisy machine is noisy for both. At 0.3 the traceless way takes three
// tenths of the plain one's time: x-image is about the time that the image takes, x-whole
// about all of the check, of which the database and the handshake with the face API are
// no less for a small image.
func BenchmarkCheck(b *testing.B) {
	for _, on := range clouds {
		b.Run(strings.Fields(on.name)[1], func(b *testing.B) {
			t := staged(b)
			ways := map[string]*cost{}
			for _, name := range []string{plain, traceless} {
				f, err := on.launch(ofThisBinary(t, name))
				if err != nil {
					b.Fatal(err)
				}
				defer f.End()
				caller, err := callerOf(f)
				if err != nil {
					b.Fatal(err)
				}
				ways[name] = &cost{f: f, caller: caller, took: map[size][]time.Duration{}}
			}
			t.vendor.expect(swallows, "", nil)
			for b.Loop() {
				for _, way := range ways {
					way.call(b, t, on, large)
					way.call(b, t, on, small)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ways[traceless].ofTheImage()/ways[plain].ofTheImage(), "x-image")
			b.ReportMetric(median(ways[traceless].took[large])/median(ways[plain].took[large]), "x-whole")
			for name, way := range ways {
				b.ReportMetric(median(way.took[large])/1e6, name+"-ms")
				b.ReportMetric(median(way.perLarge())/(1<<20), name+"-allocated-MB")
				b.ReportMetric(median(way.over)/(1<<20), name+"-over-idle-MB")
			}
		})
	}
}

// staged is a trial that nothing is searched in.
func staged(b *testing.B) *trial {
	t := &trial{
		Options: Options{DB: postgres.Database(b), Keys: newKeys(b), Runs: 1},
		dir:     b.TempDir(), images: []image{large: newImage(3 << 20), small: newImage(3 << 10)},
	}
	end, err := t.stage(b.Context(), b.TempDir()+"/face-api.pem")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = end() })
	return t
}

func ofThisBinary(t *trial, name string) *exec.Cmd {
	t.Verify = os.Args[0]
	cmd := t.command(0)
	cmd.Env = append(cmd.Env, variant+"="+name)
	return cmd
}
