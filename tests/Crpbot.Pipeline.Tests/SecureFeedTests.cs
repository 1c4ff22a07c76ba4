using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Crpbot.Pipeline.Tests;

/// <summary>Recording over TLS, from Kestrel with a certificate of its own making.</summary>
public class SecureFeedTests
{
    private const string Match = """{"type":"match","trade_id":7,"maker_order_id":"a","taker_order_id":"b","side":"sell","size":"0.5","price":"100.10","product_id":"BTC-USD","sequence":6,"time":"2021-05-01T00:00:02.400001Z"}""";

    [Fact]
    public async Task ATrustedServerIsRecorded()
    {
        using var folder = new TemporaryFolder();
        using X509Certificate2 certificate = CreateCertificate();
        File.WriteAllText(folder["trusted.pem"], certificate.ExportCertificatePem());
        await using WebApplication server = await Serve(certificate);
        CommandRunner.Outcome outcome = await Record(folder, server, folder["trusted.pem"]);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("1 events of 1 messages", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUntrustedServerIsRefusedInOneLine()
    {
        using var folder = new TemporaryFolder();
        using X509Certificate2 certificate = CreateCertificate();
        using X509Certificate2 other = CreateCertificate();
        File.WriteAllText(folder["trusted.pem"], other.ExportCertificatePem());
        await using WebApplication server = await Serve(certificate);
        CommandRunner.Outcome outcome = await Record(folder, server, folder["trusted.pem"]);
        Assert.Equal(4, outcome.ExitCode);
        string line = Assert.Single(outcome.Errors.TrimEnd().Split('\n'));
        Assert.Contains("cannot be trusted over TLS: The remote certificate is invalid", line, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["tls.capture"]) || File.Exists(folder["tls.capture.partial"]));
    }

    private static Task<CommandRunner.Outcome> Record(TemporaryFolder folder, WebApplication server, string trusted)
    {
        string address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return CommandRunner.Run(
            new Dictionary<string, string> { ["SSL_CERT_FILE"] = trusted, ["SSL_CERT_DIR"] = folder["no-certificates"] },
            "capture", "record", folder["tls.capture"], "--venue", "coinbase", "--symbols", "BTC-USD", "--seconds", "3",
            "--url", address.Replace("https://127.0.0.1", "wss://localhost", StringComparison.Ordinal));
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>One trade after the subscription, then quiet.</summary>
    private static async Task<WebApplication> Serve(X509Certificate2 certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        WebApplication server = builder.Build();
        server.UseWebSockets();
        server.Map("/", async (HttpContext context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            byte[] buffer = new byte[4096];
            await socket.ReceiveAsync(buffer, default);
            await socket.SendAsync(Encoding.UTF8.GetBytes(Match), WebSocketMessageType.Text, true, default);
            await socket.ReceiveAsync(buffer, default);
        });
        await server.StartAsync();
        return server;
    }
}
