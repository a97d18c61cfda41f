"""Replaces the programs of a pipeline, linked under their names. Calls are recorded unchanged; equivalence/call.ts
makes them comparable. The stub prints what the pipeline needs to continue.

`.config.json` beside the links: where records go, the AWS CLI's server (aws-server.py), STS, Python and the real PATH.
"""
import json
import os
import re
import socket
import struct
import sys

FOLDER = os.path.dirname(os.path.abspath(sys.argv[0]))
PROGRAM, ARGS = os.path.basename(sys.argv[0]), sys.argv[1:]
MAX_FILE = 1 << 16
SECRET = re.compile(r'eyJ[\w-]+\.eyJ[\w-]+\.|\bA[KS]IA[A-Z0-9]{16}\b')
JWT = re.compile(r'\s*eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+\s*')
SILENT = {'apk', 'apt', 'apt-get', 'yum', 'dnf', 'microdnf', 'pip', 'pip3', 'amazon-linux-extras'}
CONTAINERS = {'docker', 'podman', 'nerdctl', 'docker-compose', 'buildah', 'kaniko', 'executor'}

with open(os.path.join(FOLDER, '.config.json')) as file:
    CONFIG = json.load(file)


# the AWS CLI

def ask_server(request):
    """Runs the real CLI with the environment and open files of this process."""
    request = {'env': dict(os.environ), 'cwd': os.getcwd(), 'umask': os.umask(0), **request}
    os.umask(request['umask'])
    body = json.dumps(request).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect('\0' + CONFIG['server'])
        socket.send_fds(connection, [struct.pack('!I', len(body))], [0, 1, 2])
        connection.sendall(body)
        answer = b''
        while part := connection.recv(1 << 16):
            answer += part
    return json.loads(answer) if answer else {'exit': 255}


WITH_VALUE = {'--region', '--profile', '--output', '--query', '--endpoint-url', '--color', '--ca-bundle',
              '--cli-read-timeout', '--cli-connect-timeout', '--cli-binary-format'}
VERSION_TWO = {'--no-cli-pager', '--cli-auto-prompt', '--no-cli-auto-prompt'}


def aws_words(args):
    """The arguments without the CLI's global options: service, operation and the rest."""
    words, skip = [], False
    for arg in args:
        if skip:
            skip = False
        elif arg in WITH_VALUE:
            skip = True
        elif not arg.startswith('-'):
            words.append(arg)
    return words


def for_version_one(args):
    """The arguments without options of version 2 only, and without URLs of the real STS."""
    out, rest = [], list(args)
    while rest:
        arg = rest.pop(0)
        if arg in VERSION_TWO or re.match(r'--(cli-binary-format|endpoint-url)=', arg):
            continue
        if arg in ('--cli-binary-format', '--endpoint-url') and rest:
            rest.pop(0)
            continue
        out.append(arg)
    return out


def aws():
    words = aws_words(ARGS)
    service = words[0] if words else ''
    if service not in ('sts', 'configure') and '--version' not in ARGS and words:
        record()
        answer(aws_answer(words))
    if words[:2] == ['sts', 'get-caller-identity']:
        record()
    else:
        write({'kind': 'recipe', **call()})
    sys.exit(ask_server({'args': for_version_one(ARGS)})['exit'])


def aws_answer(words):
    operation = ' '.join(words[:2])
    if operation == 'ecr get-login':
        return 'docker login -u AWS -p stub-password https://111111111111.dkr.ecr.eu-central-1.amazonaws.com'
    if operation in ('s3 cp', 's3api get-object', 'lambda invoke') and len(words) > 3:
        touch(words[-1])
    if words[0] == 's3' or operation in ('eks update-kubeconfig', 'ecr-public get-login'):
        return ''
    text = option('--output') == 'text' or 'password' in operation or 'token' in operation
    return 'stub-text' if text else '{}'


def touch(path):
    """A file that the program would have downloaded."""
    if '://' in path or path == '-' or path.endswith('/') or os.path.exists(path):
        return
    try:
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
        open(path, 'w').close()
    except OSError:
        pass


# what is recorded

def option(*names):
    """The value of the first of these options, given as two words or with an equal sign."""
    for index, arg in enumerate(ARGS):
        for name in names:
            if arg == name and index + 1 < len(ARGS):
                return ARGS[index + 1]
            if arg.startswith(name + '='):
                return arg[len(name) + 1:]
    return None


def text_of(path):
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > MAX_FILE:
            return None
        with open(path, encoding='utf-8') as file:
            return file.read()
    except (OSError, ValueError):
        return None


def named_files():
    """The texts of files in the arguments: as they are, after an equal sign, or after @ or file://."""
    found = {}
    for arg in ARGS:
        for part in {arg, arg.partition('=')[2], arg.rpartition('@')[2], arg.rpartition('=')[2]}:
            path = re.sub(r'^@?(fileb?://)?', '', part)
            if path and len(path) < 4096 and (text := text_of(path)) is not None:
                found[path] = text
    return found


def token_files(files):
    """Files that contain only a token, by every name that the process has for them."""
    found = {path: text for path, text in files.items() if JWT.fullmatch(text)}
    for value in os.environ.values():
        if value.startswith('/') and len(value) < 4096 and (text := text_of(value)) and JWT.fullmatch(text):
            found[value] = text
    return found


def mounted(path):
    """Files of a mounted folder that belong to AWS tools or contain a secret."""
    if os.path.isfile(path):
        text = text_of(path)
        return {} if text is None else {'': text}
    found, seen = {}, 0
    for folder, _, names in os.walk(path):
        for name in names:
            seen += 1
            if seen > 500:
                return found
            full = os.path.join(folder, name)
            text = text_of(full)
            if text is not None and ('/.aws' in full or SECRET.search(text)):
                found[os.path.relpath(full, path)] = text
    return found


def mounts():
    """The files that containers get from this machine, by their path here."""
    found = {}
    for index, arg in enumerate(ARGS):
        value = None
        if arg in ('-v', '--volume', '--mount', '--secret') and index + 1 < len(ARGS):
            value = ARGS[index + 1]
        elif match := re.match(r'(?:-v|--volume=|--mount=|--secret=)(.+)', arg):
            value = match[1]
        if value is None:
            continue
        source = re.search(r'(?:^|,)(?:source|src)=([^,]+)', value)
        path = source[1] if source else value.partition(':')[0]
        if '/' in path or os.path.exists(path):
            found[path] = mounted(path)
    return found


def compose_files():
    if PROGRAM != 'docker-compose' and 'compose' not in ARGS:
        return {}
    names = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml', '.env']
    return {name: text for name in names if (text := text_of(name)) is not None}


def standard_input():
    """Standard input, read only if the arguments say so; otherwise a loop of the script would lose lines."""
    if any(re.search(r'(^|[=@\s])(-|/dev/stdin)$', arg) or arg == '--password-stdin' for arg in ARGS):
        return sys.stdin.buffer.read(1 << 20).decode('utf-8', 'replace')
    return None


def call():
    return {'program': PROGRAM, 'args': ARGS, 'cwd': os.getcwd(), 'env': dict(os.environ)}


def record():
    files = named_files()
    one = {'kind': 'call', **call(), 'files': files, 'tokens': token_files(files), 'stdin': standard_input()}
    if PROGRAM in CONTAINERS:
        one |= {'mounts': mounts(), 'compose': compose_files()}
    one['look'] = ask_server({'look': option('--profile', '--aws-profile')})
    write(one)


def write(one):
    line = (json.dumps(one) + '\n').encode('utf-8', 'surrogateescape')
    target = os.open(CONFIG['record'], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    os.write(target, line)
    os.close(target)


# what is printed

def answer(text, code=0):
    if text:
        print(text)
    sys.exit(code)


def real_program():
    """Continues as the real program."""
    if PROGRAM.startswith('python'):
        os.execv(CONFIG['python'], [PROGRAM, *ARGS])
    for folder in CONFIG['path'].split(':'):
        if os.access(os.path.join(folder, PROGRAM), os.X_OK):
            os.execv(os.path.join(folder, PROGRAM), [PROGRAM, *ARGS])
    print(f'{PROGRAM}: not found', file=sys.stderr)
    sys.exit(127)


def python():
    """Runs the real program, except for installers and programs that would use AWS."""
    if ARGS[:2] in (['-m', 'pip'], ['-m', 'venv'], ['-m', 'ensurepip']):
        sys.exit(0)
    if ARGS[:1] == ['-m'] and ARGS[1:2] not in (['json.tool'], ['base64'], ['zipfile'], ['tarfile'], ['unittest']):
        record()
        sys.exit(0)
    script = next((arg for arg in ARGS if not arg.startswith('-')), None)
    code = ARGS[ARGS.index('-c') + 1] if '-c' in ARGS[:-1] else text_of(script) if script and '-m' not in ARGS else ''
    if code is not None and not re.search(r'\b(boto3|botocore|awscli)\b', code):
        real_program()
    record()
    sys.exit(0)


def date():
    """The current time is fixed; other times are computed."""
    if not any(re.match(r'-[a-zA-Z]*[drsf]|--(date|reference|set|file)', arg) for arg in ARGS):
        ARGS.extend(['-d', '@1790000000'])
    real_program()


def curl():
    """Requests to STS are made; other URLs return what a login script looks for."""
    url = next((arg for arg in ARGS if re.match(r'https?://', arg)), option('--url') or '')
    if re.match(r'https://sts\.[\w.-]*amazonaws\.com', url):
        body = ask_sts(url)
    elif any(re.match(r'(-d|--data|-X|--request|-H|--header|-F|--json)', arg) for arg in ARGS):
        record()
        body = json.dumps({'access_token': 'stub-token', 'token': 'stub-token', 'accessToken': 'stub-token',
                           'auth': {'client_token': 'stub-vault-token'},
                           'data': {'data': {}, 'access_key': 'stub', 'secret_key': 'stub'}})
    else:
        record()
        body = ''
    if (path := option('-o', '--output')) is not None:
        if path != '/dev/null':
            with open(path, 'w') as file:
                file.write(body)
        body = ''
    if (form := option('-w', '--write-out')) is not None:
        body += re.sub(r'%\{(http_code|response_code)\}', '200', form).replace('\\n', '\n')
    sys.stdout.write(body)
    sys.exit(0)


def ask_sts(url):
    from urllib.error import HTTPError
    from urllib.parse import quote_plus
    from urllib.request import Request, urlopen
    write({'kind': 'recipe', **call()})
    fields = [url.partition('?')[2]]
    for index, arg in enumerate(ARGS[:-1]):
        if arg in ('-d', '--data', '--data-raw', '--data-binary', '--data-ascii'):
            fields.append(ARGS[index + 1])
        if arg == '--data-urlencode':
            name, _, value = ARGS[index + 1].partition('=')
            if value.startswith('@'):
                value = text_of(value[1:]) or ''
            fields.append(f'{name}={quote_plus(value)}')
    body = '&'.join(field for field in fields if field)
    try:
        answer_text = urlopen(Request(CONFIG['sts'], data=body.encode(), method='POST')).read().decode()
    except HTTPError as error:
        answer_text = error.read().decode()
    if not any('application/json' in arg for arg in ARGS):
        return answer_text
    fields = dict(re.findall(r'<(\w+)>([^<]+)</', answer_text))
    credentials = {name: fields.get(name) for name in ('AccessKeyId', 'SecretAccessKey', 'SessionToken')}
    user = {'Arn': fields.get('Arn'), 'AssumedRoleId': fields.get('AssumedRoleId')}
    result = {'Credentials': {**credentials, 'Expiration': 1.9e9}, 'AssumedRoleUser': user}
    return json.dumps({'AssumeRoleWithWebIdentityResponse': {'AssumeRoleWithWebIdentityResult': result}})


def vault_answer():
    field = option('-field')
    if field is not None:
        return f'stub-vault-{field}'
    if option('-format') == 'json':
        data = {'data': {}, 'access_key': 'stub', 'secret_key': 'stub', 'security_token': 'stub'}
        return json.dumps({'auth': {'client_token': 'stub-vault-token'}, 'data': data})
    return ''


def terraform_answer():
    if 'output' in ARGS:
        return '{}' if '-json' in ARGS else 'stub-output'
    if 'version' in ARGS or '--version' in ARGS or '-version' in ARGS:
        return 'Terraform v1.9.0'
    return '{}' if '-json' in ARGS else ''


def cloud_answer():
    """gcloud, az, conjur and similar programs."""
    if any('token' in arg for arg in ARGS[:4]) or option('-o', '--output') in ('tsv', 'text', 'value'):
        return 'stub-token'
    return '{}'


def git_answer():
    if 'rev-parse' in ARGS:
        return os.environ.get('CI_COMMIT_BRANCH', 'main') if '--abbrev-ref' in ARGS else os.environ.get('CI_COMMIT_SHA', '')
    return 'v1.0.0' if 'describe' in ARGS else ''


def container_answer():
    if 'inspect' in ARGS:
        return '[]'
    return 'stub-id' if ARGS[:1] in (['create'], ['ps'], ['images']) else ''


ANSWERS = {'vault': vault_answer, 'terraform': terraform_answer, 'tofu': terraform_answer,
           'terragrunt': terraform_answer, 'gcloud': cloud_answer, 'az': cloud_answer, 'conjur': cloud_answer,
           'git': git_answer, 'docker': container_answer, 'podman': container_answer}


def main():
    if PROGRAM in SILENT:
        sys.exit(0)
    if PROGRAM == 'aws':
        aws()
    if PROGRAM in ('python', 'python3'):
        python()
    if PROGRAM == 'date':
        date()
    if PROGRAM == 'curl':
        curl()
    record()
    if PROGRAM == 'wget' and (path := option('-O')) and path != '-':
        touch(path)
    make = ANSWERS.get(PROGRAM)
    answer(make() if make else '1.0.0' if '--version' in ARGS else '')


main()
