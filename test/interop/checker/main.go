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
	case "write":
		return writeLog(args[0], args[1], args[2])
	}
	return errors.New("usage: log DIR VKEY | proof FILE LEAF VKEY | make NAME SIZE | write NAME SIZE DIR")
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
	if strings.HasPrefix(lines[1], "extra ") {
		lines = lines[1:]
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

// The hashes of a log of this size, of the entries "go 0", "go 1" …, and its key.
func grow(name string, size int64) (tlog.HashReader, note.Signer, string, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, nil, "", err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, nil, "", err
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
		more, err := tlog.StoredHashes(at, entry(at), reader)
		if err != nil {
			return nil, nil, "", err
		}
		stored = append(stored, more...)
	}
	return reader, signer, vkey, nil
}

func entry(at int64) []byte {
	return []byte(fmt.Sprintf("go %d", at))
}

// A checkpoint; what is given after the root are extension lines.
func sign(name string, size int64, reader tlog.HashReader, signer note.Signer, more string) ([]byte, error) {
	root, err := tlog.TreeHash(size, reader)
	if err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n%s", name, size, root, more)}, signer)
}

// The log's key, and for each entry a proof, one after the other.
func makeProof(name, sizeText string) error {
	size, err := strconv.ParseInt(sizeText, 10, 64)
	if err != nil {
		return err
	}
	reader, signer, vkey, err := grow(name, size)
	if err != nil {
		return err
	}
	signed, err := sign(name, size, reader, signer, "")
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

// A whole log as tiles, its checkpoint with an extension line; prints its key.
func writeLog(name, sizeText, dir string) error {
	size, err := strconv.ParseInt(sizeText, 10, 64)
	if err != nil {
		return err
	}
	reader, signer, vkey, err := grow(name, size)
	if err != nil {
		return err
	}
	for level, hashes := 0, size; hashes > 0; level, hashes = level+1, hashes/256 {
		for index := int64(0); index*256 < hashes; index++ {
			width := hashes - index*256
			if width > 256 {
				width = 256
			}
			tile, err := tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: index, W: int(width)}, reader)
			if err != nil {
				return err
			}
			if err := put(dir, tilePath(strconv.Itoa(level), index, hashes, 256), tile); err != nil {
				return err
			}
			if level > 0 {
				continue
			}
			var bundle []byte
			for at := index * 256; at < index*256+width; at++ {
				bundle = append(bundle, byte(len(entry(at))>>8), byte(len(entry(at))))
				bundle = append(bundle, entry(at)...)
			}
			if err := put(dir, tilePath("entries", index, hashes, 256), bundle); err != nil {
				return err
			}
		}
	}
	signed, err := sign(name, size, reader, signer, "an extension line\n")
	if err != nil {
		return err
	}
	fmt.Println(vkey)
	return put(dir, "checkpoint", signed)
}

func put(dir, path string, data []byte) error {
	whole := filepath.Join(dir, path)
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		return err
	}
	return os.WriteFile(whole, data, 0o644)
}
