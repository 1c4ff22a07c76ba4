using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Crpbot.Codecs.WebSockets;

/// <summary>Why a server's answer to the opening handshake was refused.</summary>
public enum HandshakeError : byte
{
    None = 0,

    /// <summary>The header block is longer than 16 KiB.</summary>
    TooLong,

    /// <summary>Not an HTTP/1.1 status line and header lines.</summary>
    Malformed,

    /// <summary>A status other than 101.</summary>
    StatusNotSwitchingProtocols,

    /// <summary>No <c>Upgrade: websocket</c>.</summary>
    UpgradeMissing,

    /// <summary>No <c>Connection: Upgrade</c>.</summary>
    ConnectionMissing,

    /// <summary>Sec-WebSocket-Accept is absent or not the answer to our key.</summary>
    AcceptWrong,

    /// <summary>An extension that was not offered.</summary>
    ExtensionNotOffered,

    /// <summary>A subprotocol that was not offered.</summary>
    ProtocolNotOffered,
}

/// <summary>The client's side of the opening handshake. Source: RFC 6455, sections 1.3 and 4.</summary>
public static class Handshake
{
    public const int MaxLength = 16 * 1024;

    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>A fresh key: 16 random bytes as Base64.</summary>
    public static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    /// <summary>What a server must answer to a key.</summary>
    public static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // SHA-1 is the protocol's own, and proves nothing but that a WebSocket server answered.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptGuid)));
#pragma warning restore CA5350
    }

    /// <summary>Writes the request. No extension and no subprotocol is offered.</summary>
    public static void WriteRequest(IBufferWriter<byte> output, Uri address, string key)
    {
        ArgumentNullException.ThrowIfNull(address);
        string host = address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}:{address.Port}";
        if (address.HostNameType == UriHostNameType.IPv6)
            host = address.IsDefaultPort ? $"[{address.IdnHost}]" : $"[{address.IdnHost}]:{address.Port}";
        Encoding.ASCII.GetBytes(
            $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n", output);
    }

    /// <summary>Reads the answer.</summary>
    /// <param name="bytes">As many as are at hand.</param>
    /// <param name="key">The key sent.</param>
    /// <param name="consumed">Length of the header block when Done; frames may follow it.</param>
    /// <param name="error">Set when Invalid.</param>
    /// <param name="detail">Of an invalid answer, the line that is wrong; otherwise empty.</param>
    public static ParseStatus ReadResponse(ReadOnlySpan<byte> bytes, string key, out int consumed, out HandshakeError error, out string detail)
    {
        consumed = 0;
        detail = "";
        error = HandshakeError.None;
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0 || end + 4 > MaxLength)
        {
            if (end < 0 && bytes.Length < MaxLength)
                return ParseStatus.NeedMoreData;
            error = HandshakeError.TooLong;
            return ParseStatus.Invalid;
        }

        string[] lines = Encoding.Latin1.GetString(bytes[..end]).Split("\r\n");
        error = Check(lines, AcceptOf(key), out detail);
        if (error != HandshakeError.None)
            return ParseStatus.Invalid;
        consumed = end + 4;
        return ParseStatus.Done;
    }

    private static HandshakeError Check(string[] lines, string accept, out string detail)
    {
        detail = lines[0];
        if (!lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || lines[0].Length < 12 || !lines[0].AsSpan(9, 3).ContainsOnlyDigits())
            return HandshakeError.Malformed;
        bool upgrade = false, connection = false, accepted = false;
        HandshakeError offered = HandshakeError.None;
        for (int i = 1; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || lines[i][colon - 1] is ' ' or '\t')
            {
                detail = lines[i];
                return HandshakeError.Malformed;
            }

            string value = lines[i][(colon + 1)..].Trim(' ', '\t');
            switch (lines[i][..colon].ToUpperInvariant())
            {
                case "UPGRADE":
                    upgrade |= value.Equals("websocket", StringComparison.OrdinalIgnoreCase);
                    break;
                case "CONNECTION":
                    connection |= value.Split(',').Any(token => token.Trim().Equals("upgrade", StringComparison.OrdinalIgnoreCase));
                    break;
                case "SEC-WEBSOCKET-ACCEPT":
                    accepted |= value == accept;
                    break;
                case "SEC-WEBSOCKET-EXTENSIONS" when value.Length > 0:
                    (offered, detail) = (HandshakeError.ExtensionNotOffered, lines[i]);
                    break;
                case "SEC-WEBSOCKET-PROTOCOL" when value.Length > 0:
                    (offered, detail) = (HandshakeError.ProtocolNotOffered, lines[i]);
                    break;
            }
        }

        if (!lines[0].AsSpan(9, 3).SequenceEqual("101"))
        {
            detail = lines[0];
            return HandshakeError.StatusNotSwitchingProtocols;
        }

        return !upgrade ? HandshakeError.UpgradeMissing
            : !connection ? HandshakeError.ConnectionMissing
            : !accepted ? HandshakeError.AcceptWrong
            : offered;
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
