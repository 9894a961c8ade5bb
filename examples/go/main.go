// A host site that tells Eloquent who is logged in. What a site adds for Eloquent is the marked
// region; the rest is the site itself, with a log-in that is a toy.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// docs:begin
// import "github.com/golang-jwt/jwt/v5"

func eloquentToken(user User, secret string) (string, error) {
	claims := jwt.MapClaims{
		"user_id": user.ID, // a string, also where your ids are numbers
		"email":   user.Email,
		"name":    user.Name,
		"plan":    user.Plan,
		"exp":     time.Now().Add(time.Hour).Unix(),
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
}

// docs:end

// User is a customer of the site.
type User struct{ ID, Email, Name, Plan string }

var sessions sync.Map

func main() {
	secret := os.Getenv("ELOQUENT_SECRET")
	if secret == "" {
		log.Fatal("ELOQUENT_SECRET is not set")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	http.HandleFunc("/api/login", logIn)
	http.HandleFunc("/api/eloquent-token", func(w http.ResponseWriter, r *http.Request) { token(w, r, secret) })
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}

// Toy: whoever asks is logged in as whoever they say they are.
func logIn(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.ParseForm() != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	session := make([]byte, 16)
	if _, err := rand.Read(session); err != nil {
		log.Fatal(err)
	}
	sessions.Store(hex.EncodeToString(session), userFrom(r.PostForm))
	http.SetCookie(w, &http.Cookie{
		Name: "session", Value: hex.EncodeToString(session), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	w.WriteHeader(http.StatusNoContent)
}

func userFrom(form url.Values) User {
	return User{form.Get("id"), form.Get("email"), form.Get("name"), form.Get("plan")}
}

func token(w http.ResponseWriter, r *http.Request, secret string) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	cookie, err := r.Cookie("session")
	if err != nil {
		cookie = &http.Cookie{}
	}
	user, found := sessions.Load(cookie.Value)
	if !found {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "not_logged_in"})
		return
	}
	signed, err := eloquentToken(user.(User), secret)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": "not_signed"})
		return
	}
	answer(w, http.StatusOK, map[string]string{"token": signed})
}

func answer(w http.ResponseWriter, status int, content map[string]string) {
	w.Header().Set("content-type", "application/json")
	w.Header().Set("cache-control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(content)
}
