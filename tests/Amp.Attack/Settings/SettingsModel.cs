namespace Amp.Attack.Settings;

/// <summary>What a settings file means, as far as calls of tools are decided by it.</summary>
/// <param name="Rules">Its rules, in their order.</param>
/// <param name="AllowAll">Whether it lets every call through before a rule is looked at.</param>
internal sealed record SettingsModel(IReadOnlyList<RuleModel> Rules, bool AllowAll)
{
    public static readonly SettingsModel Empty = new([], false);

    /// <summary>What becomes of a call: the action of the first rule about the tool; null where none is.</summary>
    public string? DecisionOn(string tool) => Rules.FirstOrDefault(rule => rule.IsAbout(tool))?.Action;

    /// <summary>Whether it makes a call possible that somebody else may reject, where it is asked first.</summary>
    public bool Lifts(string tool) => AllowAll || DecisionOn(tool) is not (null or "reject");

    /// <summary>What a text means to a reader that forgives whatever it can, as the CLI's does.</summary>
    public static SettingsModel Of(byte[] text)
    {
        if (ForgivingJson.Read(text) is not Dictionary<string, object?> settings)
        {
            return Empty;
        }

        IEnumerable<RuleModel> rules = settings.GetValueOrDefault("amp.permissions") is List<object?> list
            ? list.OfType<Dictionary<string, object?>>().Select(RuleModel.Of).OfType<RuleModel>()
            : [];
        return new SettingsModel([.. rules], settings.GetValueOrDefault("amp.dangerouslyAllowAll") is not (null or false or 0.0 or ""));
    }
}
