"""Runs OpenStack Swift with its S3 interface in one process on a loopback port, until standard input ends.

usage: python3 swift-s3.py FOLDER REGION ACCESS_KEY SECRET_KEY
Prints the port, one line, when it answers.
"""
import os
import socket
import sys
import threading

import eventlet
eventlet.monkey_patch()

from eventlet import wsgi
from swift.common.ring import RingBuilder
from swift.common.wsgi import SwiftHttpProtocol, loadapp
from swift.common import utils
import swift.common.request_helpers

folder, region, access_key, secret_key = sys.argv[1:]
utils.SWIFT_CONF_FILE = os.path.join(folder, 'swift.conf')


def write(name, text):
    path = os.path.join(folder, name)
    with open(path, 'w') as file:
        file.write(text)
    return path


write('swift.conf', '[swift-hash]\nswift_hash_path_suffix = test\n\n[storage-policy:0]\nname = only\ndefault = yes\n')
os.makedirs(os.path.join(folder, 'devices', 'd'), exist_ok=True)
sockets = {}
for kind in ('account', 'container', 'object', 'proxy'):
    sockets[kind] = eventlet.listen(('127.0.0.1', 0))
for kind in ('account', 'container', 'object'):
    ring = RingBuilder(1, 1, 0)
    ring.add_dev({'region': 1, 'zone': 1, 'weight': 1, 'ip': '127.0.0.1', 'port': sockets[kind].getsockname()[1], 'device': 'd'})
    ring.rebalance()
    ring.get_ring().save(os.path.join(folder, kind + '.ring.gz'))

storage = '''[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
disable_fallocate = true
log_level = ERROR
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
'''
proxy = '''[DEFAULT]
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors listing_formats s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = {region}
dns_compliant_bucket_names = true
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret_key} .admin
[filter:slo]
use = egg:swift#slo
'''


class MemoryCache:
    """What the proxy asks of memcached, in this process."""

    def __init__(self):
        self.values = {}

    def get(self, key, raise_on_error=False):
        return self.values.get(key)

    def set(self, key, value, *args, **options):
        self.values[key] = value

    def incr(self, key, delta=1, time=0):
        self.values[key] = self.values.get(key, 0) + delta
        return self.values[key]

    def delete(self, key, server_key=None):
        self.values.pop(key, None)


def with_cache(app, cache):
    def call(env, start_response):
        env['swift.cache'] = cache
        return app(env, start_response)
    return call


account, user = access_key.split(':')
for kind in ('account', 'container', 'object', 'proxy'):
    text = (proxy if kind == 'proxy' else storage).format(folder=folder, kind=kind, region=region, account=account, user=user, secret_key=secret_key)
    app = loadapp(write(kind + '.conf', text))
    if kind == 'proxy':
        app = with_cache(app, MemoryCache())
    eventlet.spawn(wsgi.server, sockets[kind], app, open(os.devnull, 'w'), protocol=SwiftHttpProtocol)
print(sockets['proxy'].getsockname()[1], flush=True)
eventlet.tpool.execute(sys.stdin.read)
