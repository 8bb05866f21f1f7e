package residue

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"nod/shared/face/envelope"
)

type encryption = envelope.Encryption

// vendor stands in the place of the face API, with TLS as the vendor has it, and does
// what a case asks of it.
type vendor struct {
	listener net.Listener
	tls      *tls.Config
	person   identity        // whom a visit's answer is about
	opener   envelope.Opener // of encrypted fields

	mu    sync.Mutex
	do    behaviour
	image string        // that must arrive; empty for none
	who   *identity     // who must be named; nil for nobody
	seen  int           // calls that brought both
	over  chan struct{} // closed when the next case begins
}

// behaviour is what the vendor does with one connection.
type behaviour func(v *vendor, conn net.Conn)

// newVendor starts the vendor and writes the certificate that proves its name to a file.
func newVendor(certificateFile string) (*vendor, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "face API of nod residue"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(certificateFile, text, 0o644); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &vendor{listener: listener, tls: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}}
	go v.accept()
	return v, nil
}

func (v *vendor) endpoint() string { return "https://" + v.listener.Addr().String() }

func (v *vendor) close() {
	v.expect(hangsUp, "", nil) // lets go of what waits
	_ = v.listener.Close()
}

// expect sets what happens to the calls that come now, and what they must bring.
func (v *vendor) expect(do behaviour, image string, who *identity) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over != nil {
		close(v.over)
	}
	v.do, v.image, v.who, v.seen, v.over = do, image, who, 0, make(chan struct{})
}

// arrived counts the calls that brought all they must.
func (v *vendor) arrived() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen
}

func (v *vendor) accept() {
	for {
		conn, err := v.listener.Accept()
		if err != nil {
			return // it was closed
		}
		v.mu.Lock()
		do := v.do
		v.mu.Unlock()
		go func() {
			defer conn.Close()
			do(v, conn)
		}()
	}
}

// request reads a call, with the image if it is whole.
func (v *vendor) request(conn net.Conn) (*http.Request, error) {
	r, err := http.ReadRequest(bufio.NewReaderSize(conn, 64<<10))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var sent struct{ Image, ImageA, ImageBase64 string }
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if (v.image == "" || sent.Image+sent.ImageA+sent.ImageBase64 == v.image) && (v.who == nil || v.named(body, *v.who)) {
		v.seen++
	}
	return r, nil
}

func (v *vendor) secure(conn net.Conn) net.Conn { return tls.Server(conn, v.tls) }

func write(conn net.Conn, status int, body string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
	_ = conn.Close()
}

// The behaviours.

// answers reads the whole call and answers it.
func answers(status int, body string) behaviour {
	return func(v *vendor, conn net.Conn) {
		conn = v.secure(conn)
		if _, err := v.request(conn); err == nil {
			write(conn, status, body)
		}
	}
}

func scores(score int) behaviour {
	return answers(http.StatusOK, fmt.Sprintf(`{"Response":{"Score":%d,"FaceModelVersion":"3.0","RequestId":"r"}}`, score))
}

func fails(code string) behaviour {
	return answers(http.StatusOK, fmt.Sprintf(`{"Response":{"Error":{"Code":%q,"Message":"no"},"RequestId":"r"}}`, code))
}

// results answers as FaceID does.
func results(code string) behaviour {
	return answers(http.StatusOK, fmt.Sprintf(`{"Response":{"Sim":90,"Result":%q,"Description":"d","RequestId":"r"}}`, code))
}

// opensVisit answers with the address of a page.
var opensVisit = answers(http.StatusOK, `{"Response":{"BizToken":"6A1F-visit","Url":"https://faceid.example.com/visit?token=6A1F","RequestId":"r"}}`)

// tells answers with what the vendor tells of a visit: a text about whoever was there. %s
// in it is their name, %d their number.
func tells(text string) behaviour {
	return func(v *vendor, conn net.Conn) {
		v.mu.Lock()
		body := strings.NewReplacer("%s", v.person.name, "%d", v.person.number).Replace(text)
		v.mu.Unlock()
		answers(http.StatusOK, body)(v, conn)
	}
}

// hangsUp ends a connection before TLS.
func hangsUp(_ *vendor, conn net.Conn) { reset(conn) }

// cuts ends the connection in the middle of the image, stalls stops reading there.
func cuts(v *vendor, conn net.Conn) {
	v.half(conn)
	reset(conn)
}

func stalls(v *vendor, conn net.Conn) {
	v.half(conn)
	v.wait()
}

// half reads half of what comes.
func (v *vendor) half(conn net.Conn) {
	v.mu.Lock()
	half := max(100, len(v.image)/2)
	v.mu.Unlock()
	_, _ = io.CopyN(io.Discard, v.secure(conn), int64(half))
}

// silent reads the whole call and says nothing.
func silent(v *vendor, conn net.Conn) {
	secure := v.secure(conn)
	_, _ = v.request(secure)
	v.wait()
}

// early answers before the image has come, and ends the connection.
func early(v *vendor, conn net.Conn) {
	secure := v.secure(conn)
	_, _ = io.ReadFull(secure, make([]byte, 100))
	write(secure, http.StatusOK, `{"Response":{"Error":{"Code":"InternalError","Message":"no"},"RequestId":"r"}}`)
}

// babbles answers with what is no HTTP.
func babbles(v *vendor, conn net.Conn) {
	secure := v.secure(conn)
	if _, err := v.request(secure); err == nil {
		_, _ = io.WriteString(secure, strings.Repeat("~ garbage ~\r\n", 2000))
		_ = secure.Close()
	}
}

// wait holds a connection open until the case is over.
func (v *vendor) wait() {
	v.mu.Lock()
	over := v.over
	v.mu.Unlock()
	<-over
}

func reset(conn net.Conn) {
	if raw, ok := conn.(*net.TCPConn); ok {
		_ = raw.SetLinger(0)
	}
	_ = conn.Close()
}
