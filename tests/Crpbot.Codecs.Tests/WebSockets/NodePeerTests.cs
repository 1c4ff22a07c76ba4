using System.Diagnostics;
using System.Text;
using Crpbot.Codecs.WebSockets;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.WebSockets;

/// <summary>A test against the <c>ws</c> package of npm, skipped with a reason where Node or the package is absent.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!Directory.Exists(NodePeerTests.Package))
            Skip = "npm's ws package is absent; tests/run.sh installs it where npm is";
    }
}

/// <summary>As <see cref="NodeFactAttribute"/>, for theories.</summary>
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = new NodeFactAttribute().Skip;
}

/// <summary>Our client against the WebSocket server most venues' tools are written with.</summary>
public class NodePeerTests
{
    internal static readonly string Package = Path.Combine(MarketData.RepositoryRoot, "artifacts", "node", "node_modules", "ws");

    // Echoes; on "fragments" answers in pieces with a ping between them; on "close" closes with 1011. On "watch" does what tardis-machine does
    // every 30 s, much faster: cuts the connection when the last ping got no pong, pings again; after seven times says so.
    private const string Script = """
        const { WebSocketServer } = require(process.argv[1]);
        const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 1 << 26 }, () => console.log(server.address().port));
        server.on('connection', (socket) => {
          let pongs = 0;
          socket.on('pong', () => { pongs++; });
          socket.on('message', (data, isBinary) => {
            const text = data.toString();
            if (text === 'fragments') {
              socket.send('first,', { fin: false });
              socket.ping('between');
              socket.send('sécond,', { fin: false });
              socket.send('third', { fin: true });
            } else if (text === 'pongs') socket.send(`pongs ${pongs}`);
            else if (text === 'close') socket.close(1011, 'Error: HttpError');
            else if (text === 'terminate') socket.terminate();
            else if (text === 'watch') {
              let seen = pongs, turns = 0;
              socket.send('begun');
              const timer = setInterval(() => {
                if (turns > 0 && pongs === seen) { clearInterval(timer); return socket.terminate(); }
                if (turns++ === 7) { clearInterval(timer); return socket.send('alive'); }
                seen = pongs;
                socket.ping();
              }, 500);
            }
            else socket.send(data, { binary: isBinary });
          });
        });
        """;

    [NodeFact]
    public async Task TextOfEveryLengthComesBack()
    {
        string[] texts = ["", "x", new string('y', 126), new string('ü', 40_000), new string('z', 200_000)];
        CollectingReceiver receiver = null!;
        WebSocketEnd end = await Run(client =>
        {
            foreach (string text in texts)
                client.SendText(Encoding.UTF8.GetBytes(text));
            return receiver = new CollectingReceiver(r => r.Messages.Count < texts.Length);
        });
        Assert.Equal(CloseCode.Normal, end.CloseCode);
        Assert.Equal(texts.Select(text => Encoding.UTF8.GetByteCount(text) < 200 ? text
            : $"Text of {Encoding.UTF8.GetByteCount(text)}, sum {CollectingReceiver.Sum(Encoding.UTF8.GetBytes(text))}"), receiver.Messages);
    }

    [NodeFact]
    public async Task FragmentsWithAPingBetweenThemAreJoinedAndThePingIsAnswered()
    {
        bool asked = false;
        CollectingReceiver receiver = null!;
        await Run(client =>
        {
            client.SendText("fragments"u8);
            return receiver = new CollectingReceiver(r =>
            {
                if (r.Messages.Count == 1 && !asked)
                {
                    asked = true;
                    client.SendText("pongs"u8);
                }

                return r.Messages.Count < 2;
            });
        });
        Assert.Equal(["first,sécond,third", "pongs 1"], receiver.Messages);
    }

    [NodeFact]
    public async Task ACloseByTheServerIsTold()
    {
        WebSocketEnd end = await Run(client =>
        {
            client.SendText("close"u8);
            return new CollectingReceiver();
        });
        Assert.Equal(new WebSocketEnd(1011, "Error: HttpError", WebSocketError.None), end);
    }

    [NodeFact]
    public async Task ACutIsAbnormal()
    {
        WebSocketEnd end = await Run(client =>
        {
            client.SendText("terminate"u8);
            return new CollectingReceiver();
        });
        Assert.Equal(CloseCode.Abnormal, end.CloseCode);
    }

    [NodeTheory]
    [InlineData(50, "alive")]
    [InlineData(60_000, "cut")]
    public async Task AConsumerThatPausesForLongIsNotTakenForDead(int pongInterval, string outcome)
    {
        bool paused = false;
        var receiver = new CollectingReceiver(r =>
        {
            // While the consumer has the thread nobody reads the pings that arrive.
            if (r.Messages is ["begun"] && !paused)
            {
                paused = true;
                Thread.Sleep(2_500);
            }

            return r.Messages.Count < 2;
        });
        WebSocketEnd end = await Run(client =>
        {
            client.SendText("watch"u8);
            return receiver;
        }, TimeSpan.FromMilliseconds(pongInterval));
        Assert.Equal(outcome, end.CloseCode == CloseCode.Abnormal ? "cut" : receiver.Messages[^1]);
    }

    private static async Task<WebSocketEnd> Run(Func<WebSocketClient, IWebSocketReceiver> begin, TimeSpan? pongInterval = null)
    {
        using var node = Process.Start(new ProcessStartInfo("node", ["-e", Script, Package]) { RedirectStandardOutput = true })!;
        try
        {
            string? port = await node.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
            return await Task.Run(() =>
            {
                using WebSocketClient client = WebSocketClient.Connect(
                    new Uri($"ws://127.0.0.1:{port}/"), TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(10), pongInterval: pongInterval);
                return client.Run(begin(client));
            }).WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            node.Kill();
        }
    }
}
