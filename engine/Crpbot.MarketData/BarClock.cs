using System.Runtime.CompilerServices;
using Crpbot.Messages;

namespace Crpbot.MarketData;

/// <summary>Says when Bars close: turns the passing of ReceiveTime into Timer events.</summary>
/// <remarks>
/// <code>
///   while (clock.TryTakeTimer(receiveTime, out MarketEvent timer)) publish(timer);
///   publish(e); clock.Observe(e);
/// </code>
/// Bar k closes at t_k + 60 s + 250 ms + max(0, offset): offset is the smallest ReceiveTime − ExchangeTime of the last ten minutes
/// (in whole seconds), re-read only when a Bar closes, 0 before the first, kept when those ten minutes were silent. Boundaries never go back, also where the offset falls by
/// more than a minute. Owned by the receiving thread; bounded memory, no allocation. Source: contracts, “Time”.
/// </remarks>
public sealed class BarClock
{
    /// <summary>How long a Bar waits for events that are under way.</summary>
    public const long GuardNanos = 250 * UnixNanos.PerMillisecond;

    /// <summary>An offset beyond this, either way, deserves a warning.</summary>
    public const long WarningOffsetNanos = UnixNanos.PerSecond;

    private const int OffsetWindowSeconds = 600;
    private const long Never = long.MaxValue;

    private readonly SlidingMinimum _offsets = new(OffsetWindowSeconds);
    private long _boundary = Never;
    private long _minuteEnd;
    private long _lastReceiveTime = long.MinValue;
    private bool _started;

    /// <summary>When the Bar in progress closes; <see cref="long.MaxValue"/> before the first event.</summary>
    public UnixNanos NextBoundary => new(_boundary);

    /// <summary>The offset read when the last Bar closed, in nanoseconds; negative when our clock trails the venue's.</summary>
    public long OffsetNanos { get; private set; }

    /// <summary>The offset read last is beyond <see cref="WarningOffsetNanos"/>: one of the clocks is wrong.</summary>
    public bool IsOffsetSuspicious => OffsetNanos is > WarningOffsetNanos or < -WarningOffsetNanos;

    /// <summary>Timers given out.</summary>
    public long Timers { get; private set; }

    /// <summary>Receive times that went backwards.</summary>
    public long ClampedTimes { get; private set; }

    /// <summary>Takes the next Timer due at or before <paramref name="receiveTime"/>; call until false, then publish what arrived then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeTimer(UnixNanos receiveTime, out MarketEvent timer)
    {
        if (receiveTime.Value < _boundary || _boundary == Never)
        {
            timer = default;
            return false;
        }

        TakeTimer(out timer);
        return true;
    }

    /// <summary>Goes on from a Timer that a capture recorded, so that what is received after a replayed history closes the next Bar.</summary>
    public void Adopt(in MarketEvent timer)
    {
        _started = true;
        _boundary = timer.ReceiveTime.Value;
        _minuteEnd = timer.ExchangeTime.Value;
        TakeTimer(out _);
    }

    /// <summary>Learns from a published event; the very first one decides which minute is the first full one.</summary>
    public void Observe(in MarketEvent e)
    {
        if (!_started)
            Start(e);
        if (e.Kind is MarketEventKind.Timer or MarketEventKind.Gap or MarketEventKind.Disconnect or MarketEventKind.Operator ||
            (e.Flags & MarketEventFlags.NoExchangeTime) != 0)
        {
            return;
        }

        _offsets.Add(Second(e.ReceiveTime.Value), SaturatingSubtract(e.ReceiveTime.Value, e.ExchangeTime.Value));
    }

    /// <summary>Keeps ReceiveTime from going backwards: returns it, or the previous one where that is later.</summary>
    public UnixNanos Clamp(UnixNanos receiveTime, out bool clamped)
    {
        clamped = receiveTime.Value < _lastReceiveTime;
        if (clamped)
            ClampedTimes++;
        else
            _lastReceiveTime = receiveTime.Value;
        return new UnixNanos(_lastReceiveTime);
    }

    /// <summary>Learns from a published message: once for each ExchangeTime that differs from the one before it.</summary>
    public void Observe(ReadOnlySpan<MarketEvent> message)
    {
        if (message.IsEmpty)
            return;
        UnixNanos seen = message[0].ExchangeTime;
        Observe(message[0]);
        foreach (ref readonly MarketEvent e in message)
        {
            if (e.ExchangeTime == seen)
                continue;
            seen = e.ExchangeTime;
            Observe(e);
        }
    }

    /// <summary>As <see cref="Clamp(UnixNanos, out bool)"/> for a message, whose events are corrected and flagged in place.</summary>
    /// <param name="message">Events of one ReceiveTime; at least one.</param>
    public UnixNanos Clamp(Span<MarketEvent> message)
    {
        UnixNanos time = Clamp(message[0].ReceiveTime, out bool clamped);
        if (!clamped)
            return time;
        foreach (ref MarketEvent e in message)
        {
            e.ReceiveTime = time;
            e.Flags |= MarketEventFlags.Clamped;
        }

        return time;
    }

    /// <summary>Forgets everything, counters included.</summary>
    public void Reset()
    {
        _offsets.Clear();
        (_boundary, _minuteEnd, _lastReceiveTime) = (Never, 0, long.MinValue);
        (OffsetNanos, Timers, ClampedTimes) = (0, 0, 0);
        _started = false;
    }

    /// <summary>The first full minute begins at or after both of the first event's times.</summary>
    private void Start(in MarketEvent e)
    {
        long first = e.ReceiveTime.Value;
        // A venue's first message may repeat something hours old, or lead by the error of our clock: within a minute it counts.
        if ((e.Flags & MarketEventFlags.NoExchangeTime) == 0 && SaturatingSubtract(e.ExchangeTime.Value, first) is > 0 and <= UnixNanos.PerMinute)
            first = e.ExchangeTime.Value;
        if (first > long.MaxValue - 4 * UnixNanos.PerMinute)
            return;
        long floor = new UnixNanos(first).Floor(UnixNanos.PerMinute).Value;
        _minuteEnd = (floor == first ? floor : floor + UnixNanos.PerMinute) + UnixNanos.PerMinute;
        _boundary = _minuteEnd + GuardNanos;
        _started = true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeTimer(out MarketEvent timer)
    {
        timer = new MarketEvent
        {
            ReceiveTime = new(_boundary),
            ExchangeTime = new(_minuteEnd),
            Kind = MarketEventKind.Timer,
            Flags = MarketEventFlags.LastInMessage,
        };
        Timers++;
        _lastReceiveTime = Math.Max(_lastReceiveTime, _boundary);
        if (_offsets.TryGet(Second(_boundary), out long offset))
            OffsetNanos = offset;
        if (_minuteEnd > long.MaxValue - 4 * UnixNanos.PerMinute)
        {
            _boundary = Never;
            return;
        }

        _minuteEnd += UnixNanos.PerMinute;
        long late = Math.Min(Math.Max(0, OffsetNanos), long.MaxValue - _minuteEnd - GuardNanos);
        _boundary = Math.Max(_boundary, _minuteEnd + GuardNanos + late);
    }

    private static long Second(long nanos) => new UnixNanos(nanos).Floor(UnixNanos.PerSecond).Value / UnixNanos.PerSecond;

    private static long SaturatingSubtract(long a, long b)
    {
        long difference = unchecked(a - b);
        bool overflowed = ((a ^ b) & (a ^ difference)) < 0;
        return !overflowed ? difference : a < 0 ? long.MinValue : long.MaxValue;
    }
}
