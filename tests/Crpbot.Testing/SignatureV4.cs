using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Crpbot.Testing;

/// <summary>Checks a request's AWS Signature Version 4, written from its specification and not from any client's code.</summary>
public static class SignatureV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Null when the signature is the one that the secret makes; else the store's error code.</summary>
    /// <param name="request">With a body that was read before, for its hash.</param>
    /// <param name="body">All of it.</param>
    /// <param name="region">Of the store.</param>
    /// <param name="accessKey">The one key that it knows.</param>
    /// <param name="secretKey">Its secret.</param>
    public static string? Refuse(HttpRequest request, ReadOnlySpan<byte> body, string region, string accessKey, string secretKey)
    {
        string authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            return "AccessDenied";
        Dictionary<string, string> fields = authorization[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries)
            .Select(field => field.Split('=', 2)).ToDictionary(field => field[0], field => field[1]);
        string[] scope = fields["Credential"].Split('/');
        if (scope[0] != accessKey)
            return "InvalidAccessKeyId";
        if (scope[2] != region || scope[3] != "s3" || scope[4] != "aws4_request")
            return "AuthorizationHeaderMalformed";
        string time = request.Headers["x-amz-date"].ToString();
        if (!time.StartsWith(scope[1], StringComparison.Ordinal))
            return "AuthorizationHeaderMalformed";

        string payload = request.Headers["x-amz-content-sha256"].ToString();
        string[] signed = fields["SignedHeaders"].Split(';');
        // What decides the request's meaning has to be under the signature.
        if (!signed.Contains("host") || request.Headers.Keys.Any(name => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !signed.Contains(name, StringComparer.OrdinalIgnoreCase)))
            return "AccessDenied";
        string target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        string[] parts = target.Split('?', 2);
        string canonical = string.Join('\n',
            request.Method, parts[0], CanonicalQuery(parts.Length == 2 ? parts[1] : ""),
            string.Concat(signed.Select(name => $"{name}:{string.Join(' ', request.Headers[name].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))}\n")),
            fields["SignedHeaders"], payload);
        string toSign = string.Join('\n', Algorithm, time, string.Join('/', scope[1..]), Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        byte[] key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (string step in scope[1..])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        if (Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) != fields["Signature"])
            return "SignatureDoesNotMatch";
        return payload == Hex(SHA256.HashData(body)) ? null : "XAmzContentSHA256Mismatch";
    }

    /// <summary>Parameters in the order of their encoded names; one without a value has an empty one.</summary>
    private static string CanonicalQuery(string query) => string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2)).Select(pair => (Name: Encoded(pair[0]), Value: pair.Length == 2 ? Encoded(pair[1]) : ""))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => $"{pair.Name}={pair.Value}"));

    private static string Encoded(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
