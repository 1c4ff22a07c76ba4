using System.Diagnostics;
using Crpbot.Codecs;
using Crpbot.Codecs.Readers;

namespace Crpbot.Engine.Sources;

/// <summary>Any reader's messages, published as a live feed would: Timers are made on the way.</summary>
public sealed class ReaderSource : ReplaySource
{
    private readonly MarketReader _reader;

    /// <param name="reader">Disposed with the source.</param>
    public ReaderSource(MarketReader reader)
        : base(reader?.Damage ?? throw new ArgumentNullException(nameof(reader)))
    {
        _reader = reader;
        reader.Arrival = time =>
        {
            Pacer?.WaitFor(time);
            return Sample();
        };
    }

    public override TextIdTable TextIds => _reader.TextIds;

    public override long Dropped => _reader.Dropped;

    internal override bool Next(FeedReceiver receiver)
    {
        bool read = _reader.Read();
        (Frames, Unknown, Bytes) = (_reader.Frames, _reader.Unknown, _reader.Bytes);
        if (read)
            receiver.Receive(_reader.Message, _reader.ArrivalStamp, _reader.ArrivalStamp == 0 ? 0 : Stopwatch.GetTimestamp());
        return read;
    }

    public override void Rewind()
    {
        base.Rewind();
        _reader.TextIds.Reset();
        _reader.Rewind();
    }

    public override void Dispose() => _reader.Dispose();
}
