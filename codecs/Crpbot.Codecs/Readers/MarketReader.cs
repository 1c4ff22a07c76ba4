using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Recorded market data of any form, message by message in the order of the recording.</summary>
/// <remarks>
/// <code>
///   while (reader.Read())
///       foreach (ref readonly MarketEvent e in reader.Message.Events) …
/// </code>
/// A form reads on in <see cref="ReadNext"/>; range and symbol are applied here, once for all forms. Damage is counted in
/// <see cref="Damage"/> and reading goes on; only a failing disk throws. One thread at a time, bounded memory, and nothing is allocated once the
/// largest message was seen.
/// </remarks>
public abstract class MarketReader : IDisposable
{
    private UnixNanos _skipBefore;
    private bool _isStamped;

    /// <param name="instruments">Gives ticks and lots; new Instruments are added.</param>
    /// <param name="textIds">Takes trade ids that are no 63-bit integers; readers that are merged share one.</param>
    /// <param name="range">What is wanted.</param>
    /// <param name="damage">Counts what is refused; may be shared.</param>
    protected MarketReader(InstrumentTable instruments, TextIdTable textIds, ReadRange range, DamageLog damage)
    {
        (Instruments, TextIds, Range, Damage) = (instruments, textIds, range, damage);
        _skipBefore = range.From;
    }

    public InstrumentTable Instruments { get; }

    public virtual TextIdTable TextIds { get; }

    public DamageLog Damage { get; }

    public ReadRange Range { get; }

    /// <summary>The message read last: 1 or more events of one ReceiveTime, LastInMessage on the last of each atomic group.</summary>
    public MarketEventBuffer Message { get; } = new();

    /// <summary>ReceiveTime of the message read last.</summary>
    public UnixNanos Time => Message.Events[0].ReceiveTime;

    /// <summary>Input messages inside the range, REST snapshots and messages without events included.</summary>
    public abstract long Frames { get; }

    /// <summary>Messages of a type nobody reads.</summary>
    public abstract long Unknown { get; }

    /// <summary>Deltas before their snapshot and the like.</summary>
    public abstract long Dropped { get; }

    /// <summary>Bytes of the messages read, decompressed.</summary>
    public abstract long Bytes { get; }

    /// <summary>Called once a message, when its ReceiveTime is known and, where the form allows, before it is parsed: paces a replay and stamps it.</summary>
    public Func<UnixNanos, long>? Arrival { get; set; }

    /// <summary>What <see cref="Arrival"/> returned for the message read last; 0 without it.</summary>
    public long ArrivalStamp { get; private set; }

    /// <summary>Events before it are not wanted: the range's begin, or where the last seek went.</summary>
    protected UnixNanos Begin => _skipBefore;

    /// <summary>The line or row of the file that an event of the message read last came from, 1 upwards; 0 where the form has none.</summary>
    /// <param name="index">Of the event in <see cref="Message"/>.</param>
    public virtual long LineOf(int index) => 0;

    /// <summary>Reads the next message of the range into <see cref="Message"/>; false at the end.</summary>
    /// <exception cref="InvalidDataException">The damage log is strict and something was refused.</exception>
    public bool Read()
    {
        for (; ; )
        {
            Message.Clear();
            _isStamped = false;
            if (!ReadNext())
                return false;
            if (Message.Count == 0 || !IsWanted(Time))
                continue;
            if (Range.Symbol is not null)
                KeepSymbol();
            if (Message.Count == 0)
                continue;
            if (!_isStamped)
                Stamp(Time);
            return true;
        }
    }

    /// <summary>Continues at the first message whose ReceiveTime is not before <paramref name="time"/>.</summary>
    /// <remarks>State that earlier messages built, a book above all, is the caller's to mind.</remarks>
    public void SeekTo(UnixNanos time)
    {
        _skipBefore = time > Range.From ? time : Range.From;
        Message.Clear();
        Restart(_skipBefore);
    }

    /// <summary>Back to the first message of the range. The damage log is the caller's to reset: it may be shared.</summary>
    public void Rewind() => SeekTo(Range.From);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Reads on and fills <see cref="Message"/>, which is empty; it may stay empty. False at the end.</summary>
    protected abstract bool ReadNext();

    /// <summary>Goes back to the start or to any place not after the first message at or past <paramref name="time"/>, counts included.</summary>
    protected abstract void Restart(UnixNanos time);

    protected abstract void Dispose(bool disposing);

    protected bool IsWanted(UnixNanos receiveTime) => receiveTime >= _skipBefore && receiveTime < Range.To;

    /// <summary>Tells <see cref="Arrival"/> of a message that is about to be parsed.</summary>
    protected void Stamp(UnixNanos receiveTime)
    {
        _isStamped = true;
        ArrivalStamp = Arrival?.Invoke(receiveTime) ?? 0;
    }

    private void KeepSymbol()
    {
        Span<MarketEvent> events = Message.Writable;
        int kept = 0;
        for (int i = 0; i < events.Length; i++)
        {
            if (events[i].Instrument == InstrumentId.All || Instruments[events[i].Instrument].Symbol == Range.Symbol)
                events[kept++] = events[i];
        }

        Message.Truncate(kept);
    }
}
