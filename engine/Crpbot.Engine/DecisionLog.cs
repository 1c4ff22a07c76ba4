using System.IO.Hashing;
using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Engine;

/// <summary>What a record of the decision log holds.</summary>
public enum DecisionKind : byte
{
    Instrument = 1,
    Bar = 2,
    FeatureRow = 3,
    Prediction = 4,
    Signal = 5,
    Execution = 6,
}

/// <summary>The sequence of everything that was decided, hashed as it grows and written to a file when asked.</summary>
/// <remarks>
/// A record is one kind byte and the blittable value. Instruments are numbered in order of their first decision, and that record carries
/// the name, so the hash does not depend on the ids a process happened to give. Nothing about latency enters. Owned by the last stage's
/// thread; allocates when an Instrument is first met, never again.
/// </remarks>
public sealed class DecisionLog : IDisposable
{
    private readonly XxHash3 _hash = new();
    private readonly InstrumentTable _instruments;
    private readonly FileStream? _file;
    private readonly string? _path;
    private int[] _numbers = new int[16];
    private int _count;

    /// <param name="path">Where to write the log, or null to hash only. Written under a temporary name until <see cref="Complete"/>.</param>
    public DecisionLog(InstrumentTable instruments, string? path = null)
    {
        _instruments = instruments;
        _path = path;
        if (path is not null)
            _file = new FileStream(path + ".partial", FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
    }

    /// <summary>XxHash3-64 of the records so far, 16 lower-case hex digits.</summary>
    public string Hash => _hash.GetCurrentHashAsUInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    public void Append(Bar bar)
    {
        bar.Instrument = Number(bar.Instrument);
        Write(DecisionKind.Bar, ref bar);
    }

    public void Append(ReadOnlySpan<double> values, ReadOnlySpan<byte> reasons)
    {
        Write([(byte)DecisionKind.FeatureRow]);
        Write(MemoryMarshal.AsBytes(values));
        Write(reasons);
    }

    public void Append(Prediction prediction)
    {
        prediction.Instrument = Number(prediction.Instrument);
        Write(DecisionKind.Prediction, ref prediction);
    }

    public void Append(Signal signal)
    {
        signal.Instrument = Number(signal.Instrument);
        Write(DecisionKind.Signal, ref signal);
    }

    /// <summary>Appends a verdict, order or fill whose own instrument field the caller has replaced by <see cref="Number"/>.</summary>
    public void AppendExecution<T>(ref T record)
        where T : unmanaged => Write(DecisionKind.Execution, ref record);

    /// <summary>The log's own number of an Instrument, written with its name on first use.</summary>
    public InstrumentId Number(InstrumentId id)
    {
        if (id == InstrumentId.All)
            return id;
        if (id.Value < _numbers.Length && _numbers[id.Value] != 0)
            return new InstrumentId(_numbers[id.Value]);
        return AddNumber(id);
    }

    /// <summary>Starts a new log of the same Instruments; only a log without a file can.</summary>
    public void Reset()
    {
        if (_file is not null)
            throw new InvalidOperationException("a decision log that is written to a file covers one pass");
        _hash.Reset();
        Array.Clear(_numbers);
        _count = 0;
    }

    /// <summary>Makes the file durable under its final name.</summary>
    public void Complete()
    {
        if (_file is null)
            return;
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_path + ".partial", _path!, overwrite: true);
    }

    public void Dispose() => _file?.Dispose();

    private InstrumentId AddNumber(InstrumentId id)
    {
        if (id.Value >= _numbers.Length)
            Array.Resize(ref _numbers, Math.Max(id.Value + 1, _numbers.Length * 2));
        _numbers[id.Value] = ++_count;
        Span<byte> name = stackalloc byte[256];
        Instrument instrument = _instruments[id];
        int length = System.Text.Encoding.UTF8.GetBytes(instrument.Name, name[1..]);
        name[0] = (byte)length;
        Write([(byte)DecisionKind.Instrument]);
        Write(name[..(length + 1)]);
        return new InstrumentId(_count);
    }

    private void Write<T>(DecisionKind kind, ref T value)
        where T : unmanaged
    {
        Write([(byte)kind]);
        Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        _file?.Write(bytes);
    }
}
