package config_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nod/shared/config"
	"nod/shared/vault"
)

// set gives the test an environment of its own: what is needed by every part, changed
// by what is given as NAME=value.
func set(t *testing.T, changes ...string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, config.Prefix+"_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	sound := []string{
		"PUBLIC_URL=https://nod.example.com", "DB=postgres://nod@10.0.0.5/nod", "DATA_KEY=k", "INDEX_KEY=" + vault.RandomKey(),
		"FACE_SECRET_ID=id", "FACE_SECRET_KEY=key", "ASSERTION_KEY=" + vault.RandomKey(), "OPERATOR_KEY=nod_operator_ABCDEFGHIJKLMNOPQRST",
		"CHECKPOINT_KEY=" + vault.RandomKey(), "PROMISE_KEY=" + vault.RandomKey(), "OBJECTS=s3://cos.ap-guangzhou.myqcloud.com/nod?region=ap-guangzhou",
	}
	for _, pair := range append(sound, changes...) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(config.Prefix+"_"+name, value)
	}
}

// roots are a file in the form of certificates, likewise.
var roots = base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("root")}))

// aKey is a file in the form of a public key; what is in it, whoever uses it sees.
var aKey = base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("key")}))

// A function without a role can read no secret: it says which variable named one.
func TestASecretThatCannotBeFetchedIsNamed(t *testing.T) {
	set(t, "INDEX_KEY=aws-ssm:/nod/index-key", "PUBLIC_URL=aws-ssm:/nod/is-no-secret")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	_, err := config.Load(all...)
	if err == nil || !strings.Contains(err.Error(), "aws-ssm") || !strings.Contains(err.Error(), "role") || strings.Contains(err.Error(), "is-no-secret") {
		t.Errorf("got %v", err)
	}
}

func TestTheAuthorityIsBesideTheFaceAPI(t *testing.T) {
	for face, want := range map[string]string{
		"https://iai.tencentcloudapi.com": "https://faceid.tencentcloudapi.com", "http://127.0.0.1:9000": "http://127.0.0.1:9000",
		"https://iai.ap-shanghai.tencentcloudapi.com": "https://faceid.ap-shanghai.tencentcloudapi.com",
	} {
		if got := (config.Config{FaceEndpoint: face}).FaceIDEndpoint(); got != want {
			t.Errorf("beside %s: %s", face, got)
		}
	}
	if got := (config.Config{FaceEndpoint: "x", FaceIDAt: "y"}).FaceIDEndpoint(); got != "y" {
		t.Error(got)
	}
	if (config.Config{Region: "ap-shanghai"}).FaceRegion() != "ap-shanghai" || (config.Config{Region: "cn-northwest-1"}).FaceRegion() != "ap-beijing" {
		t.Error("the vendor is asked in a region that it does not have")
	}
}

var all = []config.Part{config.Face, config.Signing, config.Operator, config.Sequencing, config.Promising, config.Cloud}

func TestASoundConfigurationIsTaken(t *testing.T) {
	for name, changes := range map[string][]string{
		"as it is":                       nil,
		"in another region":              {"REGION=cn-northwest-1"},
		"a database of AWS in Beijing":   {"DB=postgres://nod@nod.abc.cn-north-1.rds.amazonaws.com.cn/nod"},
		"checkpoints in S3 of Beijing":   {"OBJECTS=s3://s3.cn-north-1.amazonaws.com.cn/nod?region=cn-north-1"},
		"an object storage of one's own": {"OBJECTS=s3://10.0.0.7:9000/nod"},
		"a database by a private name":   {"DB=postgres://nod@db.internal/nod"},
		"a database in a private net":    {"DB=postgres://nod@192.168.3.4:5433/nod"},
		"a database of several nodes":    {"DB=postgres://nod:p%40w@10.0.0.1:5432,10.0.0.2:5432,db.internal/nod?target_session_attrs=read-write"},
		"an endpoint of the region":      {"REGION=ap-shanghai", "FACE_ENDPOINT=https://iai.ap-shanghai.tencentcloudapi.com"},
		"names encrypted":                {"FACEID_ENCRYPTION=AES-256-CBC", "FACEID_PUBLIC_KEY=" + aKey, "FACEID_RULE=1"},
		"the authority's own region":     {"REGION=ap-shanghai", "FACEID_ENDPOINT=https://faceid.ap-shanghai.tencentcloudapi.com"},
		"the vendor's region under AWS":  {"REGION=cn-north-1", "FACE_ENDPOINT=https://iai.ap-beijing.tencentcloudapi.com"},
		"a face API of one's own":        {"FACE_ENDPOINT=http://192.168.1.9:9000"},
		"a face API on this machine":     {"FACE_ENDPOINT=http://localhost:9000/"},
		"a slash at the end":             {"PUBLIC_URL=https://nod.example.com/"},
		"as long a call as is sensible":  {"FACE_TIMEOUT=1m"},
		"a timestamp authority abroad":   {"TSA_URL=http://timestamp.example.org/tsr", "TSA_ROOTS=" + roots, "TSA_EVERY=10m"},
		"one that asks who it is":        {"TSA_URL=https://user:secret-but-short@timestamp.example.org/tsr", "TSA_ROOTS=" + roots},
		"a collector of traces":          {"OTLP_ENDPOINT=https://ap-guangzhou.apm.tencentcs.com/otlp", "OTLP_HEADERS=authorization=Bearer%20x, x-team=a"},
		"a collector in a private net":   {"OTLP_ENDPOINT=http://10.0.0.9:4318"},
		"several connections and a rest": {"DB_CONNECTIONS=4", "TEST_SLOW=0s"},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, changes...)
			if c, err := config.Load(all...); err != nil || c.PublicURL != "https://nod.example.com" {
				t.Errorf("%v, %s", err, c.PublicURL)
			}
		})
	}
}

// A part's variables are asked for only by whoever has the part.
func TestAFunctionIsAskedForItsPartsOnly(t *testing.T) {
	set(t, "FACE_SECRET_ID=", "FACE_SECRET_KEY=", "ASSERTION_KEY=", "OPERATOR_KEY=", "FACE_ENDPOINT=https://abroad.example.com")
	if _, err := config.Load(config.Cloud); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAndNoValueShown(t *testing.T) {
	for name, tt := range map[string]struct {
		changes []string
		want    []string // the variables named
	}{
		"abroad":                          {[]string{"REGION=ap-singapore"}, []string{"REGION"}},
		"a region of AWS abroad":          {[]string{"REGION=us-east-1"}, []string{"REGION"}},
		"a face API abroad":               {[]string{"FACE_ENDPOINT=https://iai.ap-singapore.tencentcloudapi.com"}, []string{"FACE_ENDPOINT"}},
		"a face API of another name":      {[]string{"FACE_ENDPOINT=https://iai.tencentcloudapi.com.example.com"}, []string{"FACE_ENDPOINT"}},
		"a face API in the clear":         {[]string{"FACE_ENDPOINT=http://iai.tencentcloudapi.com"}, []string{"FACE_ENDPOINT"}},
		"a public address":                {[]string{"FACE_ENDPOINT=https://8.8.8.8"}, []string{"FACE_ENDPOINT"}},
		"a path":                          {[]string{"FACE_ENDPOINT=http://127.0.0.1:1/x"}, []string{"FACE_ENDPOINT"}},
		"an authority abroad":             {[]string{"FACEID_ENDPOINT=https://faceid.ap-singapore.tencentcloudapi.com"}, []string{"FACEID_ENDPOINT"}},
		"the face API for authority":      {[]string{"FACEID_ENDPOINT=https://iai.tencentcloudapi.com"}, []string{"FACEID_ENDPOINT"}},
		"encryption without a key":        {[]string{"FACEID_ENCRYPTION=SM4-GCM"}, []string{"FACEID_ENCRYPTION"}},
		"a key without encryption":        {[]string{"FACEID_PUBLIC_KEY=eA=="}, []string{"FACEID_ENCRYPTION"}},
		"another encryption":              {[]string{"FACEID_ENCRYPTION=ROT13", "FACEID_PUBLIC_KEY=" + aKey}, []string{"FACEID_ENCRYPTION"}},
		"a key that is none":              {[]string{"FACEID_ENCRYPTION=SM4-GCM", "FACEID_PUBLIC_KEY=eA=="}, []string{"FACEID_PUBLIC_KEY"}},
		"a key that is not base64":        {[]string{"FACEID_ENCRYPTION=SM4-GCM", "FACEID_PUBLIC_KEY=*"}, []string{"FACEID_PUBLIC_KEY"}},
		"a public URL in the clear":       {[]string{"PUBLIC_URL=http://nod.example.com"}, []string{"PUBLIC_URL"}},
		"a public URL with a path":        {[]string{"PUBLIC_URL=https://nod.example.com/nod"}, []string{"PUBLIC_URL"}},
		"a public URL in other letters":   {[]string{"PUBLIC_URL=https://核验.example.com"}, []string{"PUBLIC_URL"}},
		"this machine in a cloud":         {[]string{"PUBLIC_URL=http://127.0.0.1:8080"}, []string{"PUBLIC_URL"}},
		"a file in a cloud":               {[]string{"DB=sqlite:var/nod.db"}, []string{"DB"}},
		"a database at a public address":  {[]string{"DB=postgres://nod:pw@8.8.8.8/nod"}, []string{"DB"}},
		"one node at a public address":    {[]string{"DB=postgres://nod:pw@10.0.0.1:5432,8.8.8.8:5432/nod"}, []string{"DB"}},
		"one node abroad":                 {[]string{"DB=postgres://nod:pw@10.0.0.1:5432,pg-1.ap-singapore.tencentcdb.com:5432/nod"}, []string{"DB"}},
		"a node named beside":             {[]string{"DB=postgres://nod:pw@/nod?host=8.8.8.8"}, []string{"DB"}},
		"a database abroad":               {[]string{"DB=postgres://nod:pw@nod.abc.eu-central-1.rds.amazonaws.com/nod"}, []string{"DB"}},
		"a database in another region":    {[]string{"DB=postgres://nod:pw@pg-1.ap-singapore.tencentcdb.com/nod"}, []string{"DB"}},
		"checkpoints in a file":           {[]string{"OBJECTS=file:var/objects"}, []string{"OBJECTS"}},
		"checkpoints abroad":              {[]string{"OBJECTS=s3://s3.eu-central-1.amazonaws.com/nod"}, []string{"OBJECTS"}},
		"checkpoints in another region":   {[]string{"OBJECTS=s3://cos.ap-singapore.myqcloud.com/nod"}, []string{"OBJECTS"}},
		"checkpoints at a public address": {[]string{"OBJECTS=s3://8.8.8.8/nod"}, []string{"OBJECTS"}},
		"checkpoints without a place":     {[]string{"OBJECTS=here", "CHECKPOINT_KEY=", "PROMISE_KEY="}, []string{"OBJECTS", "CHECKPOINT_KEY", "PROMISE_KEY"}},
		"an authority nobody trusts":      {[]string{"TSA_URL=http://timestamp.example.org"}, []string{"TSA_URL"}},
		"trust in no authority":           {[]string{"TSA_ROOTS=" + roots}, []string{"TSA_URL"}},
		"an authority that is no address": {[]string{"TSA_URL=timestamp.example.org", "TSA_ROOTS=" + roots}, []string{"TSA_URL"}},
		"a password in the clear":         {[]string{"TSA_URL=http://u:secret-but-short@timestamp.example.org", "TSA_ROOTS=" + roots}, []string{"TSA_URL"}},
		"roots that are none":             {[]string{"TSA_URL=http://timestamp.example.org", "TSA_ROOTS=" + aKey}, []string{"TSA_ROOTS"}},
		"timestamps without a rest":       {[]string{"TSA_URL=http://timestamp.example.org", "TSA_ROOTS=" + roots, "TSA_EVERY=1s"}, []string{"TSA_EVERY"}},
		"a collector abroad":              {[]string{"OTLP_ENDPOINT=https://collector.us-east-1.example.com"}, []string{"OTLP_ENDPOINT"}},
		"a collector of AWS abroad":       {[]string{"OTLP_ENDPOINT=https://xray.amazonaws.com"}, []string{"OTLP_ENDPOINT"}},
		"a collector at a public address": {[]string{"OTLP_ENDPOINT=https://8.8.8.8:4318"}, []string{"OTLP_ENDPOINT"}},
		"a collector in the clear":        {[]string{"OTLP_ENDPOINT=http://collector.example.cn:4318"}, []string{"OTLP_ENDPOINT"}},
		"a collector with a password":     {[]string{"OTLP_ENDPOINT=https://u:secret-but-short@collector.example.cn"}, []string{"OTLP_ENDPOINT"}},
		"a collector that is no address":  {[]string{"OTLP_ENDPOINT=collector:4318"}, []string{"OTLP_ENDPOINT"}},
		"headers that are none":           {[]string{"OTLP_ENDPOINT=http://127.0.0.1:4318", "OTLP_HEADERS=secret-but-short"}, []string{"OTLP_HEADERS"}},
		"a header that is two":            {[]string{"OTLP_ENDPOINT=http://127.0.0.1:4318", "OTLP_HEADERS=a=b%0d%0ac:d"}, []string{"OTLP_HEADERS"}},
		"headers for nobody":              {[]string{"OTLP_HEADERS=a=secret-but-short"}, []string{"OTLP_HEADERS"}},
		"no time for a call":              {[]string{"FACE_TIMEOUT=10ms"}, []string{"FACE_TIMEOUT"}},
		"a rate that nobody gets":         {[]string{"FACE_RATE=0"}, []string{"FACE_RATE"}},
		"a rate that is none":             {[]string{"FACE_RATE=many"}, []string{"FACE_RATE"}},
		"a time that is none":             {[]string{"FACE_TIMEOUT=soon"}, []string{"FACE_TIMEOUT"}},
		"a number that is none":           {[]string{"DB_CONNECTIONS=many"}, []string{"DB_CONNECTIONS"}},
		"a short operator key":            {[]string{"OPERATOR_KEY=secret-but-short"}, []string{"OPERATOR_KEY"}},
		"nothing a laptop would fill":     {[]string{"PUBLIC_URL=", "DB="}, []string{"PUBLIC_URL", "DB"}},
		"everything at once": {[]string{"REGION=x", "ADDR=nowhere", "FACE_SECRET_ID=", "FACE_SECRET_KEY=", "ASSERTION_KEY=", "DATA_KEY=", "INDEX_KEY="},
			[]string{"REGION", "ADDR", "FACE_SECRET_ID", "FACE_SECRET_KEY", "ASSERTION_KEY", "DATA_KEY", "INDEX_KEY"}},
	} {
		t.Run(name, func(t *testing.T) {
			set(t, tt.changes...)
			_, err := config.Load(all...)
			if err == nil {
				t.Fatal("it was taken")
			}
			named := map[string]bool{}
			for line := range strings.Lines(err.Error()) {
				if name, _, found := strings.Cut(strings.TrimSpace(line), " "); found && strings.HasPrefix(name, "NOD_") {
					named[strings.TrimPrefix(name, "NOD_")] = true
				}
			}
			for _, want := range tt.want {
				if !named[want] {
					t.Errorf("%s is not named: %v", want, err)
				}
				delete(named, want)
			}
			if len(named) > 0 {
				t.Errorf("also named: %v", named)
			}
			for _, secret := range []string{"secret-but-short", "nowhere", "postgres://"} {
				if slices.ContainsFunc(tt.changes, func(c string) bool { return strings.HasSuffix(c, "="+secret) }) && strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %q: %v", secret, err)
				}
			}
		})
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	set(t)
	c, err := config.Load(all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, c.OperatorKey) + fmt.Sprintf(verb, c.DB); text != "[redacted][redacted]" {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, "nod_operator") || strings.Contains(text, "10.0.0.5") {
		t.Errorf("the whole prints %s", text)
	}
}

// What a variable is set to may be looked at, in a console or a terminal, but for secrets.
func TestNoSecretIsShown(t *testing.T) {
	set(t)
	withheld := 0
	for _, v := range config.Variables() {
		if shown := v.Shown(); shown != os.Getenv(v.Name) && !v.Secret {
			t.Errorf("%s is shown as %q", v.Name, shown)
		}
		for value, want := range map[string]string{"": "", "made-up": "[redacted]", "s3:made-up": "[redacted]",
			"aws-ssm:/nod/prod/db": "aws-ssm:/nod/prod/db", "tencent-ssm:nod-prod-db/v1": "tencent-ssm:nod-prod-db/v1"} {
			if t.Setenv(v.Name, value); v.Secret && v.Shown() != want {
				t.Errorf("%s=%s is shown as %q", v.Name, value, v.Shown())
			}
		}
		if v.Secret {
			withheld++
		} else if secret := regexp.MustCompile("(_KEY|_SECRET.*|_TOKEN|_DB|_ID)$"); secret.MatchString(v.Name) && v.Name != "NOD_FACEID_PUBLIC_KEY" {
			t.Errorf("%s is called like a secret, and is none", v.Name)
		}
	}
	if withheld < 14 {
		t.Errorf("only %d are secrets", withheld)
	}
}

func TestEveryVariableIsExplained(t *testing.T) {
	for _, v := range config.Variables() {
		if v.Name == "" || v.Meaning == "" {
			t.Errorf("%+v", v)
		}
	}
}

// Nothing starts whose data would leave mainland China, and there is no way around it.
func TestD13_NothingStartsOutsideMainlandChina(t *testing.T) {
	for _, region := range []string{"ap-hongkong", "ap-singapore", "na-ashburn", "us-east-1", "ap-southeast-1"} {
		set(t, "REGION="+region)
		if _, err := config.Load(all...); err == nil {
			t.Errorf("it starts in %s", region)
		}
	}
	for _, name := range []string{"FACE_ENDPOINT=https://iai", "FACEID_ENDPOINT=https://faceid"} {
		set(t, name+".na-ashburn.tencentcloudapi.com")
		if _, err := config.Load(all...); err == nil {
			t.Errorf("faces go to %s abroad", name)
		}
	}
	set(t, "OTLP_ENDPOINT=https://collector.ap-singapore.example.com")
	if _, err := config.Load(all...); err == nil {
		t.Error("traces go abroad")
	}
	for _, region := range []string{"ap-guangzhou", "ap-shanghai", "cn-north-1"} {
		set(t, "REGION="+region)
		if _, err := config.Load(all...); err != nil {
			t.Errorf("it does not start in %s: %v", region, err)
		}
	}
}
