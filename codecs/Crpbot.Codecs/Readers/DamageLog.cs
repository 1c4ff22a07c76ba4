using Crpbot.Messages;

namespace Crpbot.Codecs.Readers;

/// <summary>Counts what a source refused and keeps the first lines that say what and where.</summary>
public sealed class DamageLog(bool strict, int kept = 10)
{
    private readonly List<string> _first = [];

    public long Refused { get; private set; }

    /// <summary>The first refusals, one line each.</summary>
    public IReadOnlyList<string> First => _first;

    /// <summary>Hears of every refusal; null: nobody does, and refusals beyond the first cost nothing.</summary>
    public IReadingListener? Listener { get; init; }

    /// <exception cref="InvalidDataException">In strict mode, at the first refusal.</exception>
    public void Add(in Refusal refusal)
    {
        Refused++;
        if (_first.Count < kept)
            _first.Add($"{refusal.Where}: {refusal.What}");
        Listener?.Refused(refusal);
        if (strict)
            throw new InvalidDataException($"{refusal.Where}: {refusal.What}");
    }

    /// <inheritdoc cref="Add(in Refusal)"/>
    public void Add(string where, string what) => Add(new Refusal(where, 0, what));

    /// <summary>Takes a parser's ruling on a message.</summary>
    /// <inheritdoc cref="Add(in Refusal)"/>
    public void Add(string file, long line, ParseResult ruling, UnixNanos time = default)
    {
        if (strict || _first.Count < kept || Listener is not null)
            Add(new Refusal(file, line, $"{ruling.Error} at byte {ruling.Position} of the message") { Error = ruling.Error, Time = time });
        else
            Refused++;
    }

    public void Reset()
    {
        Refused = 0;
        _first.Clear();
    }
}
