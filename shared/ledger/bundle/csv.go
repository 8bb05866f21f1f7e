package bundle

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// Line is a line of the log, as far as a bundle's tables and its closure need it. What
// stands in it besides is passed over.
type Line struct {
	V               int         `json:"v"`
	ID              string      `json:"id"`
	Type            string      `json:"type"`
	Enterprise      string      `json:"enterprise"`
	At              string      `json:"at"`
	Subject         string      `json:"subject"`
	Prev            string      `json:"prev"`
	Purpose         string      `json:"purpose"`
	Route           string      `json:"route"`
	Routes          []string    `json:"routes"`
	Session         string      `json:"session"`
	Consent         string      `json:"consent"`
	GuardianConsent string      `json:"guardian_consent"`
	Notice          *Reference  `json:"notice"`
	NoticeInForce   *Reference  `json:"notice_in_force"`
	Delegation      *Reference  `json:"delegation"`
	By              string      `json:"by"`
	Until           string      `json:"until"`
	Attempt         string      `json:"attempt"`
	Capture         string      `json:"capture"`
	Reason          string      `json:"reason"`
	Method          string      `json:"method"`
	Result          string      `json:"result"`
	Actor           string      `json:"actor"`
	Key             string      `json:"key"`
	Role            string      `json:"role"`
	Hashes          LocaleTexts `json:"hashes"`
	EffectiveFrom   string      `json:"effective_from"`
	Material        *bool       `json:"material"`
	Enabled         *bool       `json:"enabled"`
	Audience        string      `json:"audience"`
	Request         string      `json:"request"`
	Kind            string      `json:"kind"`
	DueAt           string      `json:"due_at"`
	Outcome         string      `json:"outcome"`
	Via             string      `json:"via"`
	Cause           string      `json:"cause"`
	Mode            string      `json:"mode"`
}

// LocaleTexts is a text by its language.
type LocaleTexts map[string]string

// Reference names a version of a notice, in one language, or of a delegation.
type Reference struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	SHA256  string `json:"sha256"`
	Locale  string `json:"locale"`
}

// ParseLine reads a line: an object with each name once.
func ParseLine(line []byte) (l Line, err error) {
	if err := json.Unmarshal(line, &l); err != nil {
		return Line{}, fmt.Errorf("bundle: a line is none of a log: %w", err)
	}
	return l, nil
}

// The tables, for people who look at a bundle with what they have on their desk.
const (
	ConsentsFile     = "consents.csv"
	ChecksFile       = "checks.csv"
	AlternativesFile = "alternatives.csv"
	RequestsFile     = "requests.csv"
	InstructionsFile = "instructions.csv"
	AccessFile       = "access.csv"
)

// Files are the tables' names, in the order in which they stand in a bundle.
var Files = []string{ConsentsFile, ChecksFile, AlternativesFile, RequestsFile, InstructionsFile, AccessFile}

// columns are the fields of each table.
var columns = map[string]string{
	ConsentsFile:     "at,type,record,place,subject,purpose,routes,by,session,notice_version,notice_sha256,notice_locale,delegation_id,delegation_version,delegation_sha256,until,consent",
	ChecksFile:       "at,type,record,place,subject,purpose,route,session,attempt,capture,reason,notice_version,notice_sha256,delegation_id,delegation_version,delegation_sha256,consent,guardian_consent,notice_in_force_version",
	AlternativesFile: "at,record,place,subject,purpose,route,session,method,result",
	RequestsFile:     "at,type,record,place,subject,request,kind,due_at,outcome,reason",
	InstructionsFile: "at,type,record,place,actor,purpose,audience,notice_version,delegation_id,key,role,enabled,material",
	AccessFile:       "at,type,record,place,actor,subject,reason",
}

// SubjectColumn is the last column of the tables that HasSubjects names, in a bundle with
// the platform's ids. The log does not prove it.
const SubjectColumn = "subject_id"

// HasSubjects reports whether a table gets SubjectColumn.
func HasSubjects(file string) bool { return file == ConsentsFile || file == ChecksFile }

// Header is a table's first row.
func Header(file string) []string { return strings.Split(columns[file], ",") }

// FileOf is the table that a type of Record stands in; empty if it stands in none.
func FileOf(recordType string) string {
	kind, _, _ := strings.Cut(recordType, ".")
	switch {
	case kind == "consent":
		return ConsentsFile
	case recordType == "check.alternative":
		return AlternativesFile
	case kind == "check":
		return ChecksFile
	case kind == "request":
		return RequestsFile
	case kind == "enterprise", kind == "key", kind == "delegation", recordType == "notice.published", recordType == "settings.changed":
		return InstructionsFile
	case kind == "access", kind == "export":
		return AccessFile
	}
	return ""
}

// Row is a line as a row of the table that FileOf names; nil if it stands in none.
func Row(l Line, place uint64) []string {
	file := FileOf(l.Type)
	if file == "" {
		return nil
	}
	header := Header(file)
	row := make([]string, len(header))
	for i, name := range header {
		row[i] = cell(l, place, name)
	}
	return row
}

func cell(l Line, place uint64, name string) string {
	switch name {
	case "at":
		return l.At
	case "type":
		return l.Type
	case "record":
		return l.ID
	case "place":
		return strconv.FormatUint(place, 10)
	case "subject":
		return l.Subject
	case "purpose":
		return l.Purpose
	case "route":
		return l.Route
	case "routes":
		return strings.Join(l.Routes, " ")
	case "session":
		return l.Session
	case "by":
		return l.By
	case "until":
		return l.Until
	case "consent":
		return l.Consent
	case "guardian_consent":
		return l.GuardianConsent
	case "actor":
		return l.Actor
	case "reason":
		return l.Reason
	}
	if name, found := strings.CutPrefix(name, "notice_in_force_"); found {
		return referred(l.NoticeInForce, name)
	}
	if name, found := strings.CutPrefix(name, "notice_"); found {
		return referred(l.Notice, name)
	}
	if name, found := strings.CutPrefix(name, "delegation_"); found {
		return referred(l.Delegation, name)
	}
	return rare(l, name)
}

// rare are the fields of one table each.
func rare(l Line, name string) string {
	switch name {
	case "attempt":
		return l.Attempt
	case "capture":
		return l.Capture
	case "method":
		return l.Method
	case "result":
		return l.Result
	case "request":
		return l.Request
	case "kind":
		return l.Kind
	case "due_at":
		return l.DueAt
	case "outcome":
		return l.Outcome
	case "audience":
		return l.Audience
	case "key":
		return l.Key
	case "role":
		return l.Role
	case "enabled":
		return yesOrNo(l.Enabled)
	case "material":
		return yesOrNo(l.Material)
	}
	panic("bundle: a table has a column that nobody fills: " + name)
}

func referred(r *Reference, name string) string {
	switch {
	case r == nil:
		return ""
	case name == "id":
		return r.ID
	case name == "version":
		return strconv.Itoa(r.Version)
	case name == "sha256":
		return r.SHA256
	case name == "locale":
		return r.Locale
	}
	panic("bundle: a table has a column that nobody fills: " + name)
}

func yesOrNo(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// BOM begins a table: without it, spreadsheets take Chinese for something else.
const BOM = "\ufeff"

// formulas are what a formula begins with. The wide ones (U+FF1D and so on) are what an
// input method for Chinese types, and some spreadsheets take them for the others.
const formulas = "=+-@\t\r\n＝＋－＠"

// behind finds a formula in a cell, where a spreadsheet splits a row at semicolons (as many do
// in which a number has a decimal comma) or a line at its end. A quote that is not at the
// beginning of a cell ends none there, and one at its beginning is no part of it.
var behind = regexp.MustCompile(`([;\t\r\n])("*[=+\-@＝＋－＠])`)

// AppendRow writes a row as it stands in a table: RFC 4180, ended by CR LF, and nothing in
// it that a spreadsheet would take for a formula.
func AppendRow(b []byte, row []string) []byte {
	row = slices.Clone(row)
	for i, c := range row {
		if begins, _ := utf8.DecodeRuneInString(c); c != "" && strings.ContainsRune(formulas, begins) {
			row[i] = "'" + c
		}
		row[i] = behind.ReplaceAllString(row[i], "$1'$2")
	}
	out := bytes.NewBuffer(b)
	w := csv.NewWriter(out)
	w.UseCRLF = true
	_ = w.Write(row) // to memory
	w.Flush()
	return out.Bytes()
}

// AppendHeader begins a table, with the platform's ids or without.
func AppendHeader(b []byte, file string, subjects bool) []byte {
	header := Header(file)
	if subjects && HasSubjects(file) {
		header = append(header, SubjectColumn)
	}
	return AppendRow(append(b, BOM...), header)
}
