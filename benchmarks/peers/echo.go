// What ../echo.cpp does, in Go: an echo server and its clients, all of them
// goroutines of one thread. Prints the nanoseconds per round trip.
//
//   $ echo <connections> <round trips of each>
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const size = 64

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func number(argument string) int {
	n, err := strconv.Atoi(argument)
	check(err)
	return n
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 1024)
	for {
		count, err := connection.Read(buffer)
		if err != nil {
			return
		}
		_, err = connection.Write(buffer[:count])
		check(err)
	}
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		check(err)
		go echo(connection)
	}
}

func ask(connection net.Conn, times int) {
	message := make([]byte, size)
	answer := make([]byte, size)
	for i := 0; i < times; i++ {
		_, err := connection.Write(message)
		check(err)
		_, err = io.ReadFull(connection, answer)
		check(err)
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	connections, each := number(os.Args[1]), number(os.Args[2])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go serve(listener)

	clients := make([]net.Conn, connections)
	for i := range clients {
		clients[i], err = net.Dial("tcp", listener.Addr().String())
		check(err)
	}
	var all sync.WaitGroup
	start := time.Now()
	for _, client := range clients {
		all.Add(1)
		go func(client net.Conn) {
			defer all.Done()
			ask(client, each)
		}(client)
	}
	all.Wait()
	fmt.Println(float64(time.Since(start).Nanoseconds()) / float64(connections*each))
}
