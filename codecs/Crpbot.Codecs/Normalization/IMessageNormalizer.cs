using System.Text.Json;

namespace Crpbot.Codecs.Normalization;

/// <summary>One venue's rules from raw message to normalised messages, with the state of one connection.</summary>
internal interface IMessageNormalizer
{
    /// <summary>Writes what the message becomes, which may be nothing; false when no rule concerns its type.</summary>
    /// <exception cref="UnusableMessageException">A field the rule needs is missing or malformed.</exception>
    bool Map(JsonElement message, TardisTime local);

    /// <summary>As <see cref="Map"/>, for the venue's REST answer with an order book, as recorders keep it beside the stream.</summary>
    /// <param name="symbol">Empty where the recording does not tell it.</param>
    bool MapRestSnapshot(JsonElement data, string symbol, TardisTime local);

    /// <summary>Forgets everything: a new connection begins.</summary>
    void Reset();
}
