package scf

import (
	"bytes"
	"encoding/gob"
	"errors"
	"io"
	"net/rpc"
	"reflect"
	"strings"
	"testing"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// calls is what the platform would send.
func calls(t testing.TB, requests ...any) []byte {
	t.Helper()
	var sent bytes.Buffer
	enc := gob.NewEncoder(&sent)
	for i, r := range requests {
		method := "Function.Invoke"
		if _, ok := r.(*messages.InvokeRequest); !ok {
			method = "Function.Ping"
		}
		if err := errors.Join(enc.Encode(&rpc.Request{ServiceMethod: method, Seq: uint64(i)}), enc.Encode(r)); err != nil {
			t.Fatal(err)
		}
	}
	return sent.Bytes()
}

// whole is a request with every field that there is.
func whole(payload string) *messages.InvokeRequest {
	r := &messages.InvokeRequest{Payload: []byte(payload), Deadline: messages.InvokeRequest_Timestamp{Seconds: 1, Nanos: 2}}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(v.Type().Field(i).Name)
		case reflect.Int32:
			f.SetInt(int64(i))
		}
	}
	r.ClientContext = []byte(`{"a":1}`)
	return r
}

// received is what came of the calls, by the vendor's way or ours.
type received struct {
	Method string
	Body   messages.InvokeRequest
}

func take(header, body func(any) error) (list []received, err error) {
	for {
		var r call
		if err := header(&r); err != nil {
			return list, err
		}
		got := received{Method: r.ServiceMethod}
		if r.ServiceMethod == "Function.Invoke" {
			err = body(&got.Body)
		} else {
			err = body(&messages.PingRequest{})
		}
		if err != nil {
			return list, err
		}
		got.Body.Payload = bytes.Clone(got.Body.Payload)
		list = append(list, got)
	}
}

func byGob(sent []byte) ([]received, error) {
	dec := gob.NewDecoder(bytes.NewReader(sent))
	return take(dec.Decode, dec.Decode)
}

func byUs(sent []byte) ([]received, error) {
	l := &line{in: newStream(bytes.NewReader(sent))}
	l.dec = gob.NewDecoder(l.in)
	return take(l.dec.Decode, l.read)
}

func TestEventsAreWhatGobMakesOfThem(t *testing.T) {
	requests := []any{&messages.PingRequest{}}
	for _, size := range []int{0, 1, 2, 127, 128, 255, 256, 65_535, 65_536, 1 << 20, 6 << 20} {
		requests = append(requests, whole(strings.Repeat("x", size)), &messages.InvokeRequest{Payload: make([]byte, size)})
	}
	sent := calls(t, append(requests, &messages.PingRequest{}, &messages.InvokeRequest{})...)
	want, err := byGob(sent)
	if err != io.EOF || len(want) != len(requests)+2 {
		t.Fatalf("%d calls, %v", len(want), err)
	}
	got, err := byUs(sent)
	if err != io.EOF || !reflect.DeepEqual(got, want) {
		t.Errorf("%d calls, %v", len(got), err)
	}
}

// The event is in the one buffer, and nowhere else that the decoder could keep it.
func TestTheEventIsReadOnce(t *testing.T) {
	const secret = "what must not stay"
	l := &line{in: newStream(bytes.NewReader(calls(t, whole(secret))))}
	var given bytes.Buffer
	l.dec = gob.NewDecoder(io.TeeReader(l.in, &given))
	var c call
	var req messages.InvokeRequest
	if err := errors.Join(l.dec.Decode(&c), l.read(&req)); err != nil || string(req.Payload) != secret {
		t.Fatalf("%q, %v", req.Payload, err)
	}
	if bytes.Contains(given.Bytes(), []byte(secret)) {
		t.Error("the decoder was given the event")
	}
	if l.in.wipe(); len(bytes.Trim(req.Payload, "\x00")) > 0 || bytes.Contains(l.in.buf, []byte(secret)) {
		t.Error("the event is left after it was wiped")
	}
}

// Whatever else the platform may once send first is not taken for the event, and an
// event that stands elsewhere is not let through.
func TestAnEventElsewhereIsRefused(t *testing.T) {
	type behind struct {
		RequestId string
		Payload   []byte
	}
	for name, sent := range map[string]any{
		"behind another field":         &behind{"r", []byte("event")},
		"behind one that is empty":     &behind{"", []byte("event")},
		"behind one, and itself empty": &behind{"r", nil},
	} {
		var stream bytes.Buffer
		if err := gob.NewEncoder(&stream).Encode(sent); err != nil {
			t.Fatal(err)
		}
		l := &line{in: newStream(&stream)}
		l.dec = gob.NewDecoder(l.in)
		req := &messages.InvokeRequest{}
		if err := l.read(req); !errors.Is(err, errNoEvent) || len(bytes.Trim(req.Payload, "\x00")) > 0 {
			t.Errorf("%s: %v, %q", name, err, req.Payload)
		}
	}
}

func TestATooLargeMessageIsRefused(t *testing.T) {
	if _, err := byUs(calls(t, whole(strings.Repeat("x", mostMessage)))); !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}

// FuzzStream: of whatever comes, the calls are those that package gob would have read,
// as far as it is taken.
func FuzzStream(f *testing.F) {
	f.Add(calls(f, &messages.PingRequest{}, whole("an event"), &messages.InvokeRequest{}, &messages.InvokeRequest{Payload: []byte("x")}))
	f.Add(calls(f, whole(strings.Repeat("x", 300))))
	f.Fuzz(func(t *testing.T, sent []byte) {
		got, err := byUs(sent)
		want, wantErr := byGob(sent)
		if len(got) > len(want) || err == io.EOF && wantErr != io.EOF {
			t.Fatalf("%v where gob says %v", err, wantErr)
		}
		if !reflect.DeepEqual(got, want[:len(got)]) && len(got) > 0 {
			t.Fatalf("%+v where gob has %+v", got, want)
		}
	})
}
