// Reads a log and a proof with none of our code: Go's own sumdb/note and sumdb/tlog.
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Println("NO:", err)
		os.Exit(1)
	}
}

func run(what string, args []string) error {
	switch what {
	case "log":
		return checkLog(args[0], args[1])
	case "proof":
		return checkProof(args[0], args[1], args[2])
	case "make":
		return makeProof(args[0], args[1])
	}
	return errors.New("usage: log DIR VKEY | proof FILE LEAF VKEY | make NAME SIZE")
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

func openCheckpoint(msg []byte, vkey string) (*checkpoint, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(msg, note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return nil, errors.New("the checkpoint is of another log, or malformed")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	root, err := tlog.ParseHash(lines[2])
	return &checkpoint{size, root}, err
}

func tilePath(level string, index, size int64, perTile int64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for rest := index / 1000; rest > 0; rest /= 1000 {
		path = fmt.Sprintf("x%03d/%s", rest%1000, path)
	}
	if width := size - index*perTile; width < perTile {
		path += fmt.Sprintf(".p/%d", width)
	}
	return filepath.Join("tile", level, path)
}

// Every entry is hashed, and every hash tile of the lowest level compared with that.
func checkLog(dir, vkey string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	signed, err := openCheckpoint(msg, vkey)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for at := int64(0); at < signed.size; {
		index := at / 256
		bundle, err := os.ReadFile(filepath.Join(dir, tilePath("entries", index, signed.size, 256)))
		if err != nil {
			return err
		}
		tile, err := os.ReadFile(filepath.Join(dir, tilePath("0", index, signed.size, 256)))
		if err != nil {
			return err
		}
		for len(bundle) > 0 {
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length || len(tile) < tlog.HashSize {
				return fmt.Errorf("bundle or tile %d ends too early", index)
			}
			hash := tlog.RecordHash(bundle[2 : 2+length])
			if !bytes.Equal(hash[:], tile[:tlog.HashSize]) {
				return fmt.Errorf("the tile has another hash than entry %d", at)
			}
			more, err := tlog.StoredHashesForRecordHash(at, hash, reader)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
			bundle, tile = bundle[2+length:], tile[tlog.HashSize:]
			at++
		}
	}
	root, err := tlog.TreeHash(signed.size, reader)
	if err != nil {
		return err
	}
	if root != signed.root {
		return errors.New("the entries have another root than the checkpoint")
	}
	fmt.Println("verified", signed.size, root)
	return nil
}

func checkProof(file, leafFile, vkey string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	leaf, err := os.ReadFile(leafFile)
	if err != nil {
		return err
	}
	head, rest, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("this is no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	signed, err := openCheckpoint([]byte(rest), vkey)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, signed.size, signed.root, index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	fmt.Println("proved", index)
	return nil
}

// A log of this size, of the entries "go 0", "go 1" …: its key, and for each entry a proof, one after the other.
func makeProof(name, sizeText string) error {
	size, err := strconv.ParseInt(sizeText, 10, 64)
	if err != nil {
		return err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for at := int64(0); at < size; at++ {
		more, err := tlog.StoredHashes(at, []byte(fmt.Sprintf("go %d", at)), reader)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", name, size, root)}, signer)
	if err != nil {
		return err
	}
	fmt.Println(vkey)
	for at := int64(0); at < size; at++ {
		proof, err := tlog.ProveRecord(size, at, reader)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", at)
		for _, hash := range proof {
			text += hash.String() + "\n"
		}
		fmt.Println(base64.StdEncoding.EncodeToString([]byte(text + "\n" + string(signed))))
	}
	return nil
}
