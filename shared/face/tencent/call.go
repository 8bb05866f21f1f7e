package tencent

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nod/shared/runtime/notrace"
)

const contentType = "application/json"

// call makes one call whose body is about somebody, and wipes what was written for it.
// Neither the SDK nor net/http's client does: both keep pieces of a body in buffers of
// their own, where nobody can wipe them. The connection serves this call alone, over
// HTTP/1.1, so that nothing stays open while a cloud freezes the process.
func (a *API) call(ctx context.Context, p product, action string, b body) (answer, error) {
	defer b.wipe()
	// The body is hashed while the connection is made.
	hashed := make(chan []byte, 1)
	go func() { hashed <- b.hash() }()
	conn, heard, err := a.connect(ctx, p)
	hash := <-hashed // in any case: the image is wiped when this returns
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = conn.Close(); heard.Wipe() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(conn, a.head(p, action, b.size(), hash)); err != nil {
		return answer{}, err
	}
	unsent := b.writeTo(conn)
	said, err := readAnswer(conn)
	if unsent != nil && (err != nil || said.code() == "") {
		return answer{}, unsent // an answer to a part of it is none, unless it says why
	}
	return said, err
}

// handshakeWithin is the most that a TLS handshake may take of a call's time.
const handshakeWithin = 5 * time.Second

// connect also returns what wipes all that was heard: package tls decrypts where it read,
// and an answer of the vendor's page names the person.
func (a *API) connect(ctx context.Context, p product) (net.Conn, *notrace.Conn, error) {
	conn, err := a.dialer.DialContext(ctx, "tcp", p.address)
	heard := &notrace.Conn{Conn: conn}
	if err != nil || p.tls == nil {
		return heard, heard, err
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeWithin)
	defer cancel()
	secure := tls.Client(heard, p.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return secure, heard, nil
}

// head is the request line and the header.
func (a *API) head(p product, action string, size int, hash []byte) string {
	id, key, token := a.credential.GetCredential()
	now := time.Now()
	fields := [][2]string{
		{"Host", p.host},
		{"Content-Type", contentType},
		{"Content-Length", strconv.Itoa(size)},
		{"Connection", "close"},
		{"Authorization", p.sign(id, key, now, hash)},
		{"X-TC-Action", action},
		{"X-TC-Version", p.version},
		{"X-TC-Timestamp", strconv.FormatInt(now.Unix(), 10)},
		{"X-TC-Region", a.region},
	}
	if token != "" {
		fields = append(fields, [2]string{"X-TC-Token", token})
	}
	var head strings.Builder
	head.WriteString(http.MethodPost + " / HTTP/1.1\r\n")
	for _, f := range fields {
		fmt.Fprintf(&head, "%s: %s\r\n", f[0], f[1])
	}
	head.WriteString("\r\n")
	return head.String()
}
