using System.Diagnostics;
using System.Text;
using Crpbot.Codecs.WebSockets;

namespace Crpbot.Codecs.Tests.WebSockets;

/// <summary>Keeps what arrives; gives up after a deadline so that a broken peer fails a test instead of hanging it.</summary>
internal sealed class CollectingReceiver(Func<CollectingReceiver, bool>? goOn = null) : IWebSocketReceiver
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public List<string> Messages { get; } = [];

    public int IdleCalls { get; private set; }

    public void OnMessage(Opcode kind, ReadOnlySpan<byte> payload, long wireStamp)
    {
        if (wireStamp < _start)
            throw new InvalidOperationException("a message from before the test");
        Messages.Add(kind == Opcode.Text && payload.Length < 200 ? Encoding.UTF8.GetString(payload) : $"{kind} of {payload.Length}, sum {Sum(payload)}");
    }

    public bool OnIdle()
    {
        IdleCalls++;
        return (goOn?.Invoke(this) ?? true) && Stopwatch.GetElapsedTime(_start) < TimeSpan.FromSeconds(20);
    }

    public static long Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        foreach (byte b in bytes)
            sum = sum * 31 + b;
        return sum;
    }
}
