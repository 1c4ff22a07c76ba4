using System.Globalization;
using System.Runtime.CompilerServices;
using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>Where the checks of one stream put what they find; knows the place in the file that is being looked at.</summary>
internal sealed class FindingSink(FindingLog log)
{
    public FindingLog Log => log;

    /// <summary>The stream being read, and the event of its message.</summary>
    public MarketReader? Reader { get; set; }

    public int Index { get; set; }

    /// <summary>Line or row of the event in hand; 0 where there is none.</summary>
    public long Line => Reader?.LineOf(Index) ?? 0;

    /// <summary>Adds a finding about the event in hand. Its words are put together only when it is the first of its code.</summary>
    public void Add(
        FindingCode code, UnixNanos time, [InterpolatedStringHandlerArgument("", nameof(code))] ref ExampleText example, long count = 1, Severity? severity = null) =>
        AddAt(code, time, log.IsFirst(code) ? Line : 0, ref example, count, severity);

    /// <summary>The same about a place that was left behind.</summary>
    public void AddAt(
        FindingCode code, UnixNanos time, long line, [InterpolatedStringHandlerArgument("", nameof(code))] ref ExampleText example, long count = 1, Severity? severity = null) =>
        log.Add(code, time, line, example.Take(), count, severity);

    /// <summary>The words of an example, or none when it is not the first.</summary>
    [InterpolatedStringHandler]
    internal ref struct ExampleText
    {
        private readonly bool _isWanted;
        private DefaultInterpolatedStringHandler _text;

        public ExampleText(int literalLength, int formattedCount, FindingSink sink, FindingCode code, out bool isWanted)
        {
            _isWanted = isWanted = sink.Log.IsFirst(code);
            _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

        internal string Take() => _isWanted ? _text.ToStringAndClear() : "";
    }
}
