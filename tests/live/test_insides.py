"""What comments/live/engine.py and rooms.py need of their libraries' insides: fails where an upgrade changes them.

Look at the two files and at what changed before you change this one; pyproject.toml pins the libraries for it.
"""

import inspect
from typing import Any

import engineio
import flask_socketio
import gevent.socket
import pytest
import socketio

from comments.live.rooms import Rooms

CALLED: dict[Any, list[str]] = {  # what we call or replace, with the parameters that we rely on
    engineio.Server._trigger_event: ["self", "event", "args", "kwargs"],
    engineio.Server.send: ["self", "sid", "data"],
    engineio.Server.send_packet: ["self", "sid", "pkt"],
    engineio.Server.disconnect: ["self", "sid"],
    engineio.Server.generate_id: ["self"],
    socketio.Server._handle_eio_connect: ["self", "eio_sid", "environ"],
    socketio.Server._handle_eio_message: ["self", "eio_sid", "data"],
    socketio.Server._handle_eio_disconnect: ["self", "eio_sid", "reason"],
    socketio.Server._send_packet: ["self", "eio_sid", "pkt"],
    socketio.Server._send_eio_packet: ["self", "eio_sid", "eio_pkt"],
    socketio.Manager.emit: ["self", "event", "data", "namespace", "room", "skip_sid", "callback", "to", "kwargs"],
    socketio.Manager.get_participants: ["self", "namespace", "room"],
    socketio.Manager.pre_connect: ["self", "eio_sid", "namespace"],
    socketio.Manager.connect: ["self", "sid", "namespace"],
    socketio.Manager.is_connected: ["self", "sid", "namespace"],
    socketio.Manager.pre_disconnect: ["self", "sid", "namespace"],
    socketio.Manager.disconnect: ["self", "sid", "namespace", "kwargs"],
    socketio.Manager.enter_room: ["self", "sid", "namespace", "room", "eio_sid"],
    socketio.Manager.leave_room: ["self", "sid", "namespace", "room"],
    socketio.Manager.sid_from_eio_sid: ["self", "eio_sid", "namespace"],
    socketio.Manager.eio_sid_from_sid: ["self", "sid", "namespace"],
    socketio.Manager.get_rooms: ["self", "sid", "namespace"],
    socketio.Manager.get_namespaces: ["self"],
    flask_socketio.SocketIO._handle_event: ["self", "handler", "message", "namespace", "sid", "args"],
}


@pytest.mark.parametrize("called", CALLED, ids=lambda called: called.__qualname__)
def test_parameters_are_what_they_were(called: Any) -> None:
    assert list(inspect.signature(called).parameters) == CALLED[called]


def test_nothing_of_the_manager_is_left_to_the_librarys_own_memory() -> None:
    """Methods that read `rooms` or `pending_*` of the original must be ours: ours are elsewhere."""
    unused = {"close_room", "trigger_callback", "can_disconnect", "initialize", "set_server", "emit"}
    inherited = {
        name
        for name, function in inspect.getmembers(socketio.Manager, inspect.isfunction)
        if not name.startswith(("_", "basic_")) and name not in Rooms.__dict__
    }
    assert inherited <= unused | {"is_pre_connected", "is_sid_room"}


def test_python_socketio_listens_to_three_events_of_its_engine() -> None:
    server = socketio.Server(async_mode="gevent")
    assert server.eio.handlers == {
        "connect": server._handle_eio_connect,
        "message": server._handle_eio_message,
        "disconnect": server._handle_eio_disconnect,
    }
    assert server.eio.reason.TRANSPORT_CLOSE == "transport close"


def test_a_gevent_socket_has_the_systems_own_inside() -> None:
    near, far = gevent.socket.socketpair()
    assert not near._sock.getblocking()
    near._sock.send(b"x")
    assert far.recv(1) == b"x"
    near.close()
    far.close()
