"""The real AWS CLI, loaded once: `aws-server.py NAME STS-URL`.

A client of the abstract socket NAME passes its arguments, environment, directory and open files, and the CLI runs
with them in a fork, which takes a tenth of the CLI's usual half second. A fork also enters the mount namespace of
its client, so that it sees the same /tmp. The server ends when its standard input is closed.
"""
import contextlib
import ctypes
import gc
import io
import json
import os
import select
import signal
import socket
import struct
import sys

import awscli.clidriver
import botocore.exceptions
import botocore.loaders
import botocore.session

STS = sys.argv[2]
# set by the CLI itself: the folder of its service descriptions
DATA_PATH = os.environ['AWS_DATA_PATH']


def remember_files():
    """Reads service descriptions once, in the process that all others are forked from."""
    read, known = botocore.loaders.JSONFileLoader.load_file, {}

    def load_file(self, path):
        if path not in known:
            known[path] = read(self, path)
        return known[path]

    botocore.loaders.JSONFileLoader.load_file = load_file


def run_cli(arguments):
    try:
        return awscli.clidriver.create_clidriver().main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


@contextlib.contextmanager
def some_region(own):
    """Any region, because STS needs one for signing and the identity does not depend on it."""
    added = not own and not os.environ.get('AWS_DEFAULT_REGION')
    if added:
        os.environ['AWS_DEFAULT_REGION'] = 'us-east-1'
    yield
    if added:
        del os.environ['AWS_DEFAULT_REGION']


def identity(arguments=(), region=None):
    """The ARN that the CLI finds, and the token of its session; or why it finds none."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), some_region(region):
        code = run_cli(['sts', 'get-caller-identity', '--output', 'json', *arguments])
    if code != 0:
        return {'none': err.getvalue().strip()[-200:]}
    caller = json.loads(out.getvalue())
    return {'arn': caller['Arn'], 'by': caller['UserId']}


def region_of(arguments):
    profile = arguments[arguments.index('--profile') + 1] if '--profile' in arguments[:-1] else None
    with contextlib.suppress(botocore.exceptions.BotoCoreError):
        return botocore.session.Session(profile=profile).get_scoped_config().get('region')


def look(profile):
    """What an SDK finds: its identity, the profiles with their identities, and the regions."""
    # the path at which STS returns the token
    os.environ['AWS_ENDPOINT_URL_STS'] = STS + '/look'
    session = botocore.session.Session(profile=profile)
    regions = {}
    try:
        regions = {name: p.get('region') for name, p in session.full_config.get('profiles', {}).items()}
        names = session.available_profiles
        own = session.get_scoped_config().get('region')
    except Exception as error:
        names, own = [], f'unreadable: {type(error).__name__}'
    return {
        'identity': identity(['--profile', profile] if profile else [], own),
        'region': own,
        'profiles': {
            name: {**identity(['--profile', name], regions.get(name)), 'region': regions.get(name)} for name in names
        },
    }


def prepare_environment(given):
    """The environment of the client, with the STS of the tests, and a region if the CLI needs one."""
    os.environ.clear()
    os.environ.update(given)
    os.environ.update({'AWS_ENDPOINT_URL_STS': STS, 'AWS_EC2_METADATA_DISABLED': 'true', 'AWS_DATA_PATH': DATA_PATH})
    os.environ.pop('AWS_ENDPOINT_URL', None)
    # version 2 of the CLI also has this, and pipelines are written for version 2
    if given.get('AWS_REGION'):
        os.environ['AWS_DEFAULT_REGION'] = given['AWS_REGION']


def enter_namespace(pid):
    with open(f'/proc/{pid}/ns/mnt') as namespace:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), 0x00020000) != 0:
            raise OSError(ctypes.get_errno(), 'setns')


def receive(connection):
    header, files, _, _ = socket.recv_fds(connection, 4, 3)
    size, = struct.unpack('!I', header)
    body = b''
    while len(body) < size:
        body += connection.recv(size - len(body))
    return json.loads(body), files


def serve(connection):
    request, files = receive(connection)
    pid, _, _ = struct.unpack('3i', connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    enter_namespace(pid)
    os.chdir(request['cwd'])
    os.umask(request['umask'])
    prepare_environment(request['env'])
    for number, file in enumerate(files):
        os.dup2(file, number)
    if 'look' in request:
        answer = look(request['look'])
    else:
        with some_region('sts' not in request['args'] or region_of(request['args'])):
            answer = {'exit': run_cli(request['args'])}
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    connection.sendall(json.dumps(answer).encode())


def warm_up():
    os.environ.update({'AWS_ACCESS_KEY_ID': 'AKIAWARM', 'AWS_SECRET_ACCESS_KEY': 'warm', 'AWS_DEFAULT_REGION': 'us-east-1'})
    prepare_environment(dict(os.environ))
    if 'none' in (found := identity()):
        raise SystemExit(f'the AWS CLI does not work: {found}')
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run_cli(['configure', 'list'])
    gc.collect()
    gc.freeze()


def main():
    remember_files()
    warm_up()
    server = socket.socket(socket.AF_UNIX)
    server.bind('\0' + sys.argv[1])
    server.listen(128)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print('ready', flush=True)
    while True:
        ready, _, _ = select.select([server, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = server.accept()
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = 0
            try:
                serve(connection)
            except BaseException as error:  # a fork must not become a second server
                print(f'aws-server: {error!r}', file=sys.__stderr__)
                code = 1
            os._exit(code)
        connection.close()


main()
