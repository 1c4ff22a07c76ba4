using System.Text;
using System.Text.Json;
using Crpbot.Codecs.Recordings;

namespace Crpbot.Codecs.Normalization;

/// <summary>What became of one raw message.</summary>
/// <param name="Status">Done (also when it yields nothing), Unknown (no rule for its type), Invalid (refused).</param>
/// <param name="Messages">Normalised messages it became.</param>
/// <param name="Reason">Why it was refused.</param>
public readonly record struct NormalizeResult(ParseStatus Status, int Messages, string? Reason);

/// <summary>Turns raw venue messages into tardis-normalised NDJSON, field for field as tardis-dev 18.2 does.</summary>
/// <remarks>
/// One instance a connection, one thread. Prices and amounts stay decimal text and never pass through ticks or doubles, so they have all the
/// venue's digits; equal as doubles to tardis-dev's. Undefined fields are left out, what is not a number is null. Off the hot path: allocates.
/// </remarks>
public sealed class TardisNormalizer : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };
    private readonly NormalizedMessageWriter _writer;
    private readonly IMessageNormalizer _normalizer;
    private readonly bool _withDisconnects;
    private TardisTime _lastLocal;

    /// <param name="exchange">One of <see cref="Exchanges"/>.</param>
    /// <param name="withDisconnects">Writes a <c>disconnect</c> message for a lost connection, stamped with the last message before it.</param>
    public TardisNormalizer(string exchange, bool withDisconnects = false)
    {
        _withDisconnects = withDisconnects;
        _writer = new NormalizedMessageWriter(exchange);
        _normalizer = exchange switch
        {
            "coinbase" => new CoinbaseNormalizer(_writer),
            "binance" or "binance-us" => new BinanceNormalizer(_writer, isFutures: false),
            "binance-futures" or "binance-delivery" => new BinanceNormalizer(_writer, isFutures: true),
            _ => throw new ArgumentException($"no rules to normalise '{exchange}': expected one of {string.Join(", ", Exchanges)}", nameof(exchange)),
        };
    }

    /// <summary>Tardis' ids of the exchanges it knows.</summary>
    public static IReadOnlyList<string> Exchanges { get; } = ["coinbase", "binance", "binance-us", "binance-futures", "binance-delivery"];

    /// <summary>What the last frame became: UTF-8, a line a message, in the order trade, book_change, derivative_ticker, liquidation,
    /// book_ticker. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Lines => _writer.Lines;

    public void Dispose() => _writer.Dispose();

    /// <summary>Normalises a Message, takes in a RestSnapshot, and starts anew at a Disconnected frame; other kinds yield nothing.</summary>
    public NormalizeResult Normalize(in RawFrame frame)
    {
        _writer.Clear();
        if (frame.Kind == RawFrameKind.Disconnected)
        {
            _normalizer.Reset();
            if (_withDisconnects && _lastLocal.IsKnown)
                _writer.WriteDisconnect(_lastLocal);
            return new NormalizeResult(ParseStatus.Done, _writer.Count, null);
        }

        if (frame.Kind is not (RawFrameKind.Message or RawFrameKind.RestSnapshot))
            return default;
        TardisTime local = frame.HasReceiveTime ? TardisTime.FromReceiveTime(frame.ReceiveTime, frame.ReceiveTimeText) : TardisTime.Unknown;
        _lastLocal = local;
        try
        {
            using JsonDocument message = JsonDocument.Parse(frame.Payload.ToArray(), Options);
            bool known = frame.Kind == RawFrameKind.Message
                ? _normalizer.Map(message.RootElement, local)
                : _normalizer.MapRestSnapshot(message.RootElement, Encoding.UTF8.GetString(frame.Symbol), local);
            return new NormalizeResult(known ? ParseStatus.Done : ParseStatus.Unknown, _writer.Count, null);
        }
        catch (Exception unusable) when (unusable is JsonException or UnusableMessageException or InvalidOperationException)
        {
            // InvalidOperationException is what JsonElement says of text that is no valid Unicode.
            _writer.Clear();
            return new NormalizeResult(ParseStatus.Invalid, 0, unusable.Message);
        }
    }
}
