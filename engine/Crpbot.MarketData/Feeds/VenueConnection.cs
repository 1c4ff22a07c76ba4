using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Crpbot.Codecs.WebSockets;

namespace Crpbot.MarketData.Feeds;

/// <summary>What the receiving thread does with a connection's life.</summary>
public interface IFeedReceiver
{
    /// <summary>A message of the venue; the payload is valid during the call.</summary>
    /// <returns>It was market data: the connection is good for something.</returns>
    bool OnMessage(ReadOnlySpan<byte> payload, long wireStamp);

    /// <summary>A connection is open and subscribed.</summary>
    void OnConnected();

    /// <summary>The connection is lost, or could not be made: everything known from it is void.</summary>
    /// <param name="reason">One line.</param>
    void OnDisconnected(string reason);

    /// <summary>Time to look at timers. False stops the feed.</summary>
    bool OnIdle();
}

/// <summary>Keeps one feed connected: connects, subscribes, notices silence, and comes back after a loss with growing, spread delays.</summary>
/// <remarks>
/// Runs on the receiving thread, which it only leaves while connecting. A server that closes before it sent market data has failed as one
/// that does not answer has. A replay is read once: it ends where the server closes normally, and a loss before that ends it for good.
/// Source of the delays: exponential backoff with full jitter.
/// </remarks>
public sealed class VenueConnection(FeedOptions options, IFeedReceiver receiver) : IWebSocketReceiver
{
    private readonly Random _jitter = new(options.JitterSeed);
    private long _lastMessage;
    private bool _stopped;
    private bool _stale;
    private bool _hasData;

    /// <summary>Connections made.</summary>
    public int Connections { get; private set; }

    /// <summary>Connections lost and attempts that failed.</summary>
    public int Losses { get; private set; }

    /// <summary>A replay came to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Runs until the receiver stops it, or to the end of a replay.</summary>
    /// <exception cref="HttpRequestException">The attempts in a row are used up, or a replay broke off.</exception>
    public void Run()
    {
        for (int failures = 0; !_stopped;)
        {
            (int? closeCode, string reason) = RunOnce();
            if (_stopped)
                return;
            if (options.IsReplay && closeCode == CloseCode.Normal && _hasData && !_stale)
            {
                IsComplete = true;
                return;
            }

            Losses++;
            failures = _hasData || _stale ? 0 : failures + 1;
            receiver.OnDisconnected(reason);
            if (options.IsReplay && closeCode is not null)
                throw new HttpRequestException($"{Server}: the replay {(_hasData ? "broke off" : "brought no market data")}: {reason}");
            if (options.MaxAttempts > 0 && failures >= options.MaxAttempts)
                throw new HttpRequestException($"{Server}: no market data after {failures} attempts; the last: {reason}");
            Wait(DelayBefore(failures));
        }
    }

    private string Server => options.Address.GetLeftPart(UriPartial.Authority);

    void IWebSocketReceiver.OnMessage(Opcode kind, ReadOnlySpan<byte> payload, long wireStamp)
    {
        _lastMessage = wireStamp;
        _hasData |= receiver.OnMessage(payload, wireStamp);
    }

    bool IWebSocketReceiver.OnIdle()
    {
        if (!receiver.OnIdle())
        {
            _stopped = true;
            return false;
        }

        _stale = Stopwatch.GetElapsedTime(_lastMessage) > options.StaleAfter;
        return !_stale;
    }

    /// <summary>Half the delay is certain, half is random.</summary>
    internal TimeSpan DelayBefore(int failures)
    {
        double delay = Math.Min(options.MaxDelay.TotalSeconds, options.FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failures, 30)));
        return TimeSpan.FromSeconds(delay * (0.5 + _jitter.NextDouble() / 2));
    }

    /// <summary>The close code is null where no connection was made.</summary>
    private (int? CloseCode, string Reason) RunOnce()
    {
        _hasData = _stale = false;
        try
        {
            using WebSocketClient client = WebSocketClient.Connect(options.Address, options.IdleInterval, options.ConnectTimeout);
            Connections++;
            _lastMessage = Stopwatch.GetTimestamp();
            foreach (string subscription in options.Subscriptions)
                client.SendText(Encoding.UTF8.GetBytes(subscription));
            receiver.OnConnected();
            WebSocketEnd end = client.Run(this);
            return (end.CloseCode, _stale ? $"no message for {options.StaleAfter.TotalSeconds:F0} s" : $"closed with {end.CloseCode}{(end.Reason.Length > 0 ? $": {end.Reason}" : "")}");
        }
        catch (Exception error) when (error is SocketException or HttpRequestException or TimeoutException or IOException)
        {
            return (null, error.Message);
        }
    }

    /// <summary>Waits, but goes on serving the receiver's timers.</summary>
    private void Wait(TimeSpan delay)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < delay)
        {
            if (!receiver.OnIdle())
            {
                _stopped = true;
                return;
            }

            Thread.Sleep(options.IdleInterval);
        }
    }
}
