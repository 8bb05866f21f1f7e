// Package config reads Nod's configuration from the environment (NOD_...). It is
// checked at start as a whole: every fault is named at once, in one error, and no
// secret appears in it.
package config

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"

	"nod/shared/domain"
	"nod/shared/secrets"
)

// Config is everything that can be set. A function is given only the variables that
// its parts need.
type Config struct {
	PublicURL    string   `envconfig:"PUBLIC_URL" default:"http://127.0.0.1:8080" desc:"the one origin that all functions stand behind"`
	Addr         string   `envconfig:"ADDR" default:"127.0.0.1:8080" desc:"where to listen, outside a cloud"`
	DB           Secret   `envconfig:"DB" default:"sqlite:var/nod.db" desc:"sqlite:PATH or postgres://..., with several hosts where a standby may take over"`
	Connections  Count    `envconfig:"DB_CONNECTIONS" default:"1" desc:"database connections of one process"`
	Region       string   `envconfig:"REGION" default:"ap-guangzhou" desc:"region of the cloud, in mainland China"`
	FaceEndpoint string   `envconfig:"FACE_ENDPOINT" default:"https://iai.tencentcloudapi.com" desc:"address of the face API"`
	FaceID       Secret   `envconfig:"FACE_SECRET_ID" desc:"credentials of the face API"`
	FaceKey      Secret   `envconfig:"FACE_SECRET_KEY" desc:"their secret part"`
	FaceToken    Secret   `envconfig:"FACE_TOKEN" desc:"of temporary credentials"`
	FaceIDAt     string   `envconfig:"FACEID_ENDPOINT" desc:"address of the API that asks the authority; by default the one beside FACE_ENDPOINT"`
	FaceIDRule   string   `envconfig:"FACEID_RULE" desc:"RuleId of the vendor's hosted page; without one the route hosted is closed"`
	FaceIDCipher string   `envconfig:"FACEID_ENCRYPTION" desc:"how names and ID numbers are encrypted beneath TLS: AES-256-CBC or SM4-GCM"`
	FaceIDPublic InBase64 `envconfig:"FACEID_PUBLIC_KEY" desc:"the vendor's public key for it (RSA or SM2), PEM in base64"`
	FaceTimeout  Duration `envconfig:"FACE_TIMEOUT" default:"10s" desc:"longest call of the face API"`
	FaceRate     Count    `envconfig:"FACE_RATE" default:"50" desc:"calls of one kind that the face API allows in a second, as the vendor granted it: those beyond wait in a queue"`
	SlowScript   Duration `envconfig:"TEST_SLOW" default:"5s" desc:"how long a test subject ending in -slow waits"`
	OperatorKey  Secret   `envconfig:"OPERATOR_KEY" desc:"the operator's first key, 20 characters or more"`
	AssertionKey Secret   `envconfig:"ASSERTION_KEY" desc:"Ed25519 seeds in base64; the first signs"`
	DomainFiles  Files    `envconfig:"DOMAIN_FILES" desc:"files that prove the domain to WeCom or WeChat: NAME=TEXT,..."`
	DataKey      Secret   `envconfig:"DATA_KEY" desc:"Tink keyset in base64, see nod keys"`
	IndexKey     Secret   `envconfig:"INDEX_KEY" desc:"32 bytes in base64; never changes"`
	Checkpoints  Secret   `envconfig:"CHECKPOINT_KEY" desc:"Ed25519 seeds in base64 that sign the logs' checkpoints; the first signs. The function maintain alone has it"`
	PromiseKey   Secret   `envconfig:"PROMISE_KEY" desc:"Ed25519 seeds in base64 that sign the promises of a place in the log; the first signs. The function consent alone has it"`
	Objects      string   `envconfig:"OBJECTS" default:"file:var/objects" desc:"where checkpoints are published and bundles kept: file:DIR, or s3://HOST/BUCKET?region=REGION (COS or S3)"`
	ObjectsID    Secret   `envconfig:"OBJECTS_ID" desc:"credentials of the object storage; without them, those of the function's role"`
	ObjectsKey   Secret   `envconfig:"OBJECTS_KEY" desc:"their secret part"`
	ObjectsToken Secret   `envconfig:"OBJECTS_TOKEN" desc:"of temporary credentials"`
	TSA          Secret   `envconfig:"TSA_URL" desc:"an RFC 3161 authority that timestamps checkpoints, http:// or https://, anywhere: it learns a hash alone; without one, nothing outside says when the log was"`
	TSARoots     InBase64 `envconfig:"TSA_ROOTS" desc:"the certificates that its own must be under, PEM or DER, in base64"`
	Traces       string   `envconfig:"OTLP_ENDPOINT" desc:"a collector of OpenTelemetry traces, in mainland China: https://HOST[:PORT], or http:// on this machine or in a private network; /v1/traces is put behind it. Without one, there are none"`
	TracesHeader Secret   `envconfig:"OTLP_HEADERS" desc:"headers that let us in there: NAME=VALUE,..., values percent-encoded"`
	TSAEvery     Duration `envconfig:"TSA_EVERY" default:"1h" desc:"how often one log is timestamped at most; an export's checkpoint always is"`
}

// Prefix of every variable.
const Prefix = "NOD"

const mostRate = 10_000 // calls a second; what no vendor grants

const defaultRegion = "ap-guangzhou" // as the field says

// Part is something that a function may need; what belongs to the others is
// neither asked for nor read by it.
type Part int

const (
	Face       Part = iota // the face API's credentials
	Signing                // the assertion key
	Operator               // the operator's first key
	Sequencing             // the checkpoint key, and where checkpoints are published
	Promising              // the promise key
	Exporting              // where bundles are kept
	Cloud                  // a function in a cloud: no default of a laptop's is good there
)

// Secret is a value that no print, log or JSON shows.
type Secret string

const redacted = "[redacted]"

// Decode drops the end of a line: files that hold a secret often have one, and no secret does.
func (s *Secret) Decode(value string) error {
	*s = Secret(strings.TrimRight(value, "\r\n"))
	return nil
}

// Format answers every verb with a fixed word.
func (Secret) Format(s fmt.State, _ rune) { fmt.Fprint(s, redacted) }

// MarshalJSON and MarshalText do the same.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Duration and Count read a variable without stopping at a faulty one, so that all
// faults can be named at once: they become -1, which check refuses.
type (
	Duration time.Duration
	Count    int
)

// Decode is envconfig's.
func (d *Duration) Decode(text string) error {
	v, err := time.ParseDuration(text)
	if *d = Duration(v); err != nil {
		*d = -1
	}
	return nil
}

// Decode is envconfig's.
func (n *Count) Decode(text string) error {
	v, err := strconv.Atoi(text)
	if *n = Count(v); err != nil {
		*n = -1
	}
	return nil
}

// InBase64 is a file in base64. A faulty one becomes empty, which check refuses.
type InBase64 []byte

// Decode is envconfig's.
func (f *InBase64) Decode(text string) error {
	b, err := base64.StdEncoding.DecodeString(text)
	if *f = b; err != nil {
		*f = nil
	}
	return nil
}

// Files are small texts by their names. A faulty list becomes nil, which check refuses.
type Files map[string]string

// Decode is envconfig's.
func (f *Files) Decode(text string) error {
	files := Files{}
	for pair := range strings.SplitSeq(text, ",") {
		name, content, found := strings.Cut(strings.TrimSpace(pair), "=")
		if !found || !domainFile.MatchString(name) || content == "" {
			*f = nil
			return nil
		}
		files[name] = content
	}
	*f = files
	return nil
}

var domainFile = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}\.(txt|html)$`)

// Load reads and checks the configuration for the parts that are needed. What names a
// secret in a cloud's store is fetched from there first, see package secrets.
func Load(parts ...Part) (Config, error) {
	var c Config
	if region := cmp.Or(os.Getenv(Prefix+"_REGION"), defaultRegion); slices.Contains(mainland, region) { // another is refused below
		if err := secrets.Fill(context.Background(), secretVariables(), secrets.Options{Region: region}); err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
	}
	if err := envconfig.Process(Prefix, &c); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if err := c.check(parts); err != nil {
		return c, fmt.Errorf("configuration:\n%w", err)
	}
	return c, nil
}

// secretVariables are those that hold a Secret.
func secretVariables() (names []string) {
	for _, v := range variables {
		if v.Secret {
			names = append(names, v.Name)
		}
	}
	return names
}

// Local reports whether Nod itself runs on this machine alone: then plain http to
// this machine is allowed where https would be asked for.
func (c Config) Local() bool {
	u, err := url.Parse(c.PublicURL)
	return err == nil && domain.Loopback(u.Hostname())
}

// FaceRegion is the region that the face API is asked in: Nod's own, or where that is one
// of AWS, the vendor's in Beijing.
func (c Config) FaceRegion() string {
	if strings.HasPrefix(c.Region, "ap-") {
		return c.Region
	}
	return "ap-beijing"
}

// FaceIDEndpoint is where the authority is asked: beside the face API, if nothing else is
// said, which at the vendor's is another name and at an address of one's own the same.
func (c Config) FaceIDEndpoint() string {
	return cmp.Or(c.FaceIDAt, strings.Replace(c.FaceEndpoint, "://iai.", "://faceid.", 1))
}

func (c Config) check(parts []Part) error {
	var faults []error
	fault := func(name, what string) { faults = append(faults, fmt.Errorf("  %s_%s %s", Prefix, name, what)) }
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || u.Path != "" || !hostName.MatchString(u.Host) ||
		u.Scheme != "https" && !(u.Scheme == "http" && c.Local()) {
		fault("PUBLIC_URL", "must be an origin: https://HOST (in ASCII), or http://127.0.0.1:PORT on this machine")
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		fault("ADDR", "must be HOST:PORT")
	}
	if !slices.Contains(mainland, c.Region) {
		fault("REGION", "must be a region in mainland China (one of "+strings.Join(mainland, ", ")+")")
	}
	if time.Duration(c.SlowScript) < 0 {
		fault("TEST_SLOW", "must be a duration such as 5s")
	}
	if !databaseInMainland(string(c.DB)) {
		fault("DB", "must be a database in mainland China: a private address, or a name that does not say otherwise")
	}
	if c.Connections < 1 {
		fault("DB_CONNECTIONS", "must be a number, 1 or more")
	}
	if c.DomainFiles == nil && os.Getenv(Prefix+"_DOMAIN_FILES") != "" {
		fault("DOMAIN_FILES", "must be NAME=TEXT, such as WW_verify_abc.txt=abc, several of them with commas between")
	}
	if c.DataKey == "" {
		fault("DATA_KEY", "is missing: make one with `nod keys`")
	}
	if c.IndexKey == "" {
		fault("INDEX_KEY", "is missing: make one with `nod keys`")
	}
	c.checkTraces(fault)
	c.checkParts(parts, fault)
	return errors.Join(faults...)
}

// hostName is a host, and a port, as they go into the names of logs: those are of ASCII
// without spaces, so a domain in other letters is written as DNS has it (xn--...).
var hostName = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

func (c Config) checkParts(parts []Part, fault func(name, what string)) {
	if slices.Contains(parts, Face) {
		if !faceInMainland("iai", c.FaceEndpoint, c.FaceRegion()) {
			fault("FACE_ENDPOINT", "must be Tencent Cloud's endpoint for mainland China or a private address")
		}
		c.checkFaceID(fault)
		if c.FaceID == "" {
			fault("FACE_SECRET_ID", "is missing")
		}
		if c.FaceKey == "" {
			fault("FACE_SECRET_KEY", "is missing")
		}
		if c.FaceRate < 1 || c.FaceRate > mostRate {
			fault("FACE_RATE", "must be a number from 1 to 10000")
		}
		if took := time.Duration(c.FaceTimeout); took < time.Second || took > domain.LongestCall {
			fault("FACE_TIMEOUT", "must be a duration between 1s and 1m")
		}
	}
	if slices.Contains(parts, Cloud) {
		for _, name := range []string{"PUBLIC_URL", "DB"} {
			if os.Getenv(Prefix+"_"+name) == "" {
				fault(name, "is missing")
			}
		}
		if strings.HasPrefix(string(c.DB), "sqlite:") {
			fault("DB", "must be a postgres:// address: a function's files are its own, and gone with it")
		}
		if c.Local() {
			fault("PUBLIC_URL", "must be the address that people reach, not this machine's")
		}
	}
	if slices.Contains(parts, Signing) && c.AssertionKey == "" {
		fault("ASSERTION_KEY", "is missing: make one with `nod keys`")
	}
	if slices.Contains(parts, Promising) && c.PromiseKey == "" {
		fault("PROMISE_KEY", "is missing: make one with `nod keys`")
	}
	if slices.Contains(parts, Sequencing) {
		if c.Checkpoints == "" {
			fault("CHECKPOINT_KEY", "is missing: make one with `nod keys`")
		}
		c.checkTSA(fault)
	}
	if slices.Contains(parts, Sequencing) || slices.Contains(parts, Exporting) {
		c.checkObjects(slices.Contains(parts, Cloud), fault)
	}
	if slices.Contains(parts, Operator) && len(c.OperatorKey) < 20 {
		fault("OPERATOR_KEY", "is missing or shorter than 20 characters: make one with `nod keys`")
	}
}

func (c Config) checkObjects(cloud bool, fault func(name, what string)) {
	u, err := url.Parse(c.Objects)
	switch {
	case err != nil || u.Scheme != "file" && u.Scheme != "s3":
		fault("OBJECTS", "must be file:DIR or s3://HOST/BUCKET?region=REGION")
	case u.Scheme == "file" && cloud:
		fault("OBJECTS", "must be an object storage, s3://HOST/BUCKET?region=REGION: a function's files are gone with it")
	case u.Scheme == "s3" && !objectsInMainland(u.Hostname()):
		fault("OBJECTS", "must be COS or S3 in a region of mainland China, or a private address")
	}
}

// checkTSA allows an authority anywhere: what leaves is a hash of a signed checkpoint, which
// is no data of a person, so duty D13 does not ask where it goes. What answers is trusted for
// its signature, so the roots are needed, and https only where there is a password.
func (c Config) checkTSA(fault func(name, what string)) {
	given := c.TSA != ""
	if given != (os.Getenv(Prefix+"_TSA_ROOTS") != "") {
		fault("TSA_URL", "and NOD_TSA_ROOTS are set together or not at all: an answer is not kept unless it is known who signs it")
		return
	}
	if !given {
		return
	}
	u, err := url.Parse(string(c.TSA))
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || u.User != nil) {
		fault("TSA_URL", "must be http://HOST/PATH or https://HOST/PATH; with a user and password, https")
	}
	if block, _ := pem.Decode(c.TSARoots); len(c.TSARoots) == 0 || block != nil && block.Type != "CERTIFICATE" {
		fault("TSA_ROOTS", "must be certificates, PEM or DER, in base64")
	}
	if every := time.Duration(c.TSAEvery); every < time.Minute || every > 24*time.Hour {
		fault("TSA_EVERY", "must be a duration between 1m and 24h")
	}
}

// databaseInMainland refuses a database that is elsewhere by its address: a public one, or a
// name that a cloud gives in another region. What another name stands for is the
// operator's to know (duty D13). The error never shows the address: it holds a password.
func databaseInMainland(dsn string) bool {
	for _, host := range hostsOf(dsn) {
		if !hostInMainland(host) {
			return false
		}
	}
	return true
}

// hostsOf are the hosts that a postgres:// address names. There may be several, each with a
// port, which is no URL to the standard library.
func hostsOf(dsn string) (hosts []string) {
	_, rest, found := strings.Cut(dsn, "://")
	if !found {
		return nil // a file; or whoever opens it says what is wrong
	}
	authority, query, _ := strings.Cut(rest, "?")
	authority, _, _ = strings.Cut(authority, "/")
	authority = authority[strings.LastIndex(authority, "@")+1:]
	if more, err := url.ParseQuery(query); err == nil {
		for _, list := range more["host"] {
			authority += "," + list
		}
	}
	for host := range strings.SplitSeq(authority, ",") {
		if bare, _, err := net.SplitHostPort(host); err == nil {
			host = bare
		}
		hosts = append(hosts, strings.Trim(host, "[]"))
	}
	return hosts
}

// hostInMainland refuses a host that says of itself that it is elsewhere.
func hostInMainland(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil && !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast() {
		return false
	}
	if region := regionOf.FindStringSubmatch(host); region != nil && !slices.Contains(mainland, region[1]) {
		return false
	}
	return !strings.HasSuffix(host, ".amazonaws.com") // the mainland's ends in .com.cn
}

// regionOf finds a region that a host's name tells, as the two clouds spell theirs.
var regionOf = regexp.MustCompile(`(?:^|[.-])((?:ap|na|eu|sa|us|ca|me|af|il|cn)-[a-z]+(?:-[0-9])?)\.`)

// objectsInMainland allows the object storages of the two clouds in their regions of
// mainland China, and addresses of a private network (duty D13).
func objectsInMainland(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return host == "localhost" || slices.ContainsFunc(mainland, func(region string) bool {
		return host == "cos."+region+".myqcloud.com" || host == "s3."+region+".amazonaws.com.cn"
	})
}

func (c Config) checkFaceID(fault func(name, what string)) {
	if c.FaceIDAt != "" && !faceInMainland("faceid", c.FaceIDEndpoint(), c.FaceRegion()) {
		fault("FACEID_ENDPOINT", "must be Tencent Cloud's endpoint for mainland China or a private address")
	}
	if given := c.FaceIDCipher != ""; given != (os.Getenv(Prefix+"_FACEID_PUBLIC_KEY") != "") {
		fault("FACEID_ENCRYPTION", "and NOD_FACEID_PUBLIC_KEY are set together or not at all")
		return
	}
	if c.FaceIDCipher == "" {
		return
	}
	if !slices.Contains(fieldCiphers, c.FaceIDCipher) {
		fault("FACEID_ENCRYPTION", "must be "+strings.Join(fieldCiphers, " or "))
	}
	if block, _ := pem.Decode(c.FaceIDPublic); block == nil {
		fault("FACEID_PUBLIC_KEY", "must be the vendor's public key for it, PEM in base64")
	}
}

// fieldCiphers are those of package envelope.
var fieldCiphers = []string{"AES-256-CBC", "SM4-GCM"}

// mainland lists the regions of Tencent Cloud and AWS in mainland China (duty D13).
var mainland = []string{
	"ap-guangzhou", "ap-shanghai", "ap-nanjing", "ap-beijing", "ap-chengdu", "ap-chongqing",
	"cn-north-1", "cn-northwest-1",
}

// faceInMainland allows the vendor's endpoints for mainland China, and addresses of
// a private network, where a face API of one's own may run.
func faceInMainland(service, endpoint, region string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Hostname() == "" || (u.Path != "" && u.Path != "/") || u.User != nil {
		return false
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return (ip.IsLoopback() || ip.IsPrivate()) && (u.Scheme == "http" || u.Scheme == "https")
	}
	if u.Hostname() == "localhost" {
		return true
	}
	return u.Scheme == "https" &&
		(u.Host == service+".tencentcloudapi.com" || u.Host == service+"."+region+".tencentcloudapi.com")
}
