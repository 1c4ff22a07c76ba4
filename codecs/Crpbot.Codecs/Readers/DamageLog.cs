namespace Crpbot.Codecs.Readers;

/// <summary>Counts what a source refused and keeps the first lines that say what and where.</summary>
public sealed class DamageLog(bool strict, int kept = 10)
{
    private readonly List<string> _first = [];

    public long Refused { get; private set; }

    /// <summary>The first refusals, one line each.</summary>
    public IReadOnlyList<string> First => _first;

    /// <exception cref="InvalidDataException">In strict mode, at the first refusal.</exception>
    public void Add(string where, string what)
    {
        Refused++;
        if (_first.Count < kept)
            _first.Add($"{where}: {what}");
        if (strict)
            throw new InvalidDataException($"{where}: {what}");
    }

    public void Add(string file, long line, ParseResult refusal)
    {
        if (strict || _first.Count < kept)
            Add($"{file}: line {line}", $"{refusal.Error} at byte {refusal.Position} of the message");
        else
            Refused++;
    }

    public void Reset()
    {
        Refused = 0;
        _first.Clear();
    }
}
