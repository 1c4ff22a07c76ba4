namespace Crpbot.Datasets.Download;

/// <summary>Where the services are, and the key to them.</summary>
/// <param name="Datasets">Tardis' CSV files.</param>
/// <param name="Api">Tardis' API and raw data feeds.</param>
/// <param name="Machine">A tardis-machine; null where none runs.</param>
/// <param name="Coinbase">Coinbase Exchange's REST API.</param>
/// <param name="Key">Tardis' API key; null where there is none. Never written anywhere.</param>
internal sealed record ServiceAddresses(Uri Datasets, Uri Api, Uri? Machine, Uri Coinbase, string? Key)
{
    public const string KeyName = "TARDIS_API_KEY";
    public const string DatasetsName = "CRPBOT_TARDIS_DATASETS_URL";
    public const string ApiName = "CRPBOT_TARDIS_API_URL";
    public const string MachineName = "CRPBOT_TARDIS_MACHINE_URL";
    public const string CoinbaseName = "CRPBOT_COINBASE_URL";

    /// <param name="variable">Looks an environment variable up; null where it is not set.</param>
    /// <exception cref="FormatException">An address or the key cannot be one; the message repeats neither.</exception>
    public static ServiceAddresses Read(Func<string, string?> variable) => new(
        Address(variable, DatasetsName, "https://datasets.tardis.dev/v1")!,
        Address(variable, ApiName, "https://api.tardis.dev/v1")!,
        Address(variable, MachineName, null),
        Address(variable, CoinbaseName, "https://api.exchange.coinbase.com")!,
        ReadKey(variable));

    public override string ToString() => $"{Datasets} {Api} {Machine} {Coinbase}";

    private static Uri? Address(Func<string, string?> variable, string name, string? fallback)
    {
        string? text = variable(name);
        if (string.IsNullOrWhiteSpace(text))
            text = fallback;
        if (text is null)
            return null;
        // A trailing slash or none: the same base.
        bool usable = Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;
        return usable ? address : throw new FormatException($"{name}: not a base address; expected http(s)://host[:port][/path] without user, query and fragment");
    }

    private static string? ReadKey(Func<string, string?> variable)
    {
        string? key = variable(KeyName)?.Trim();
        if (string.IsNullOrEmpty(key))
            return null;
        return key.All(c => c is > ' ' and < '\x7f') ? key : throw new FormatException($"{KeyName}: holds characters that no key has; copy it again");
    }
}
