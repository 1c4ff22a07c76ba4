using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>One minute of a stream or of an Instrument.</summary>
internal struct MinuteRow
{
    /// <summary>Minutes since 1970.</summary>
    public int Minute;

    /// <summary>Messages of a stream, trades of an Instrument.</summary>
    public int Count;

    /// <summary>Level updates of an Instrument.</summary>
    public int Updates;

    /// <summary>The smallest receive − exchange of a stream in ms, the last price of an Instrument; NaN where there is none.</summary>
    public double Value;
}

/// <summary>Minutes in the order of the stream; one that comes again is found again at the end.</summary>
internal sealed class MinuteRows
{
    private readonly List<MinuteRow> _rows = [];

    /// <summary>The row of a moment's minute, made on first use, valid until the next call.</summary>
    public ref MinuteRow At(UnixNanos time)
    {
        int minute = (int)Math.Clamp(time.Floor(UnixNanos.PerMinute).Value / UnixNanos.PerMinute, int.MinValue, int.MaxValue);
        if (_rows.Count == 0 || _rows[^1].Minute != minute)
            _rows.Add(new MinuteRow { Minute = minute, Value = double.NaN });
        return ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_rows)[^1];
    }

    /// <summary>Ascending, one row a minute.</summary>
    public IReadOnlyList<MinuteRow> Sorted()
    {
        var sorted = new List<MinuteRow>(_rows.Count);
        foreach (MinuteRow row in _rows.OrderBy(row => row.Minute))
        {
            if (sorted.Count == 0 || sorted[^1].Minute != row.Minute)
            {
                sorted.Add(row);
                continue;
            }

            MinuteRow both = sorted[^1];
            (both.Count, both.Updates) = (both.Count + row.Count, both.Updates + row.Updates);
            both.Value = double.IsNaN(row.Value) ? both.Value : row.Value;
            sorted[^1] = both;
        }

        return sorted;
    }
}

/// <summary>Knows when a stream was alive: minutes with messages, silences, lost connections.</summary>
/// <remarks>Of a stream that brings nothing but trades a silence says nothing: there may have been none.</remarks>
internal sealed class FeedWatch(MarketValidationOptions options, FindingSink sink)
{
    private readonly List<(int First, int Last)> _down = [];
    private long _lastAlive = long.MinValue;
    private bool _isDown;
    private bool _hasHeartbeats;
    private bool _isDense;
    private readonly long[] _lastOf = [long.MinValue, long.MinValue, long.MinValue, long.MinValue];

    public MinuteRows Minutes { get; } = new();

    public UnixNanos First { get; private set; } = new(long.MaxValue);

    public UnixNanos Last { get; private set; } = new(long.MinValue);

    public bool IsEmpty => _lastAlive == long.MinValue;

    /// <summary>More than trades came: silence means something.</summary>
    public bool IsDense => _isDense;

    /// <summary>Takes a message that shows the connection is alive.</summary>
    public void Message(in MarketEvent e)
    {
        (UnixNanos time, MarketEventKind kind) = (e.ReceiveTime, e.Kind);
        if (_lastAlive != long.MinValue)
        {
            long silence = time.Value - _lastAlive;
            if (_isDown)
                AddDown(time, "the connection was lost");
            else if (_isDense && silence > (_hasHeartbeats ? options.HeartbeatLimitNanos : options.QuietLimitNanos))
                AddDown(time, FormattableString.Invariant($"no message of any channel for {silence / 1e9:0.0} s"));
        }

        if (e.Channel is Channel.Book or Channel.Quotes)
        {
            WatchChannel(e.Channel, _lastOf[(int)e.Channel], time);
            _lastOf[(int)e.Channel] = time.Value;
        }

        _isDown = false;
        _hasHeartbeats |= kind == MarketEventKind.Heartbeat;
        _isDense |= kind != MarketEventKind.Trade;
        _lastAlive = time.Value;
        First = time < First ? time : First;
        Last = time > Last ? time : Last;
        Minutes.At(time).Count++;
    }

    /// <summary>Looks for channels that ended before the stream did.</summary>
    public void Complete()
    {
        foreach (Channel channel in (ReadOnlySpan<Channel>)[Channel.Book, Channel.Quotes])
            WatchChannel(channel, _lastOf[(int)channel], Last);
    }

    public void Disconnected() => _isDown = true;

    /// <summary>Whether a silence or a lost connection touches the minute.</summary>
    public bool WasDown(int minute)
    {
        int low = 0, high = _down.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (_down[middle].Last < minute)
                low = middle + 1;
            else if (_down[middle].First > minute)
                high = middle - 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>Of one channel alone heartbeats say nothing: its limit is the longer one.</summary>
    private void WatchChannel(Channel channel, long last, UnixNanos time)
    {
        if (last != long.MinValue && time.Value - last > options.QuietLimitNanos)
            AddDown(time, FormattableString.Invariant($"no message of channel {channel} for {(time.Value - last) / 1e9:0.0} s"), last);
    }

    private void AddDown(UnixNanos until, string what, long from = long.MinValue)
    {
        var since = new UnixNanos(from == long.MinValue ? _lastAlive : from);
        int first = MinuteOf(since), last = MinuteOf(until);
        if (_down.Count > 0)
            first = Math.Max(first, _down[^1].Last + 1);
        if (first > last)
            return;
        _down.Add((first, last));
        sink.Add(FindingCode.FeedDown, since, $"{what}, until {until}; minutes it touches are counted", last - first + 1);
    }

    private static int MinuteOf(UnixNanos time) => (int)(time.Floor(UnixNanos.PerMinute).Value / UnixNanos.PerMinute);
}
