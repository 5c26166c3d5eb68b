using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json.Nodes;

namespace Amp.PowerShell.Tools;

/// <summary>The parameters of a command that the agent can use: one parameter set, without parameters that JSON cannot represent.</summary>
internal sealed class ToolParameters
{
    private static readonly HashSet<string> s_common = new(
        Cmdlet.CommonParameters.Concat(Cmdlet.OptionalCommonParameters), StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, CommandParameterInfo> _byName;

    private ToolParameters(CommandParameterSetInfo set, IReadOnlyDictionary<CommandParameterInfo, JsonObject> described, bool supportsShouldProcess)
    {
        SetName = set.Name;
        SupportsShouldProcess = supportsShouldProcess;
        _byName = described.Keys.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
        JsonObject properties = [];
        foreach ((CommandParameterInfo parameter, JsonObject schema) in described)
        {
            properties[parameter.Name] = schema;
        }

        JsonObject root = new() { ["type"] = "object", ["properties"] = properties };
        string[] mandatory = [.. described.Keys.Where(parameter => parameter.IsMandatory).Select(parameter => parameter.Name)];
        if (mandatory.Length > 0)
        {
            root["required"] = new JsonArray([.. mandatory.Select(name => (JsonNode)name)]);
        }

        root["additionalProperties"] = false;
        Schema = root.ToJsonString();
    }

    /// <summary>The name of the parameter set.</summary>
    public string SetName { get; }

    public bool SupportsShouldProcess { get; }

    /// <summary>The JSON Schema.</summary>
    public string Schema { get; }

    public IEnumerable<string> Names => _byName.Keys;

    public IEnumerable<string> MandatoryNames => _byName.Values.Where(parameter => parameter.IsMandatory).Select(parameter => parameter.Name);

    /// <summary>Finds a parameter by name, ignoring case.</summary>
    public CommandParameterInfo? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Gets the parameters of a command.</summary>
    /// <param name="command">The command, resolved if it is an alias.</param>
    /// <param name="setName">The parameter set; null for the default one, or the first one that the agent can use.</param>
    /// <param name="help">The help of the parameters.</param>
    /// <param name="name">The name in an error if the command has no name.</param>
    /// <exception cref="AmpValidationException">The parameter set does not exist, or the agent cannot use any.</exception>
    public static ToolParameters Of(CommandInfo command, string? setName, ToolHelp help, string? name = null)
    {
        name ??= $"'{command.Name}'";
        HashSet<string> customObjects = CustomObjects(command);
        CommandParameterSetInfo[] sets = [.. command.ParameterSets.OrderByDescending(set => set.IsDefault)];
        if (setName is not null)
        {
            sets = [.. sets.Where(set => set.Name.Equals(setName, StringComparison.OrdinalIgnoreCase))];
            if (sets.Length == 0)
            {
                throw new AmpValidationException(
                    $"{name} has no parameter set '{setName}'.",
                    "ParameterSet",
                    $"Give one of these: {string.Join(", ", command.ParameterSets.Select(set => set.Name))}.",
                    setName);
            }
        }

        bool supportsShouldProcess = command.ParameterSets.Any(set => set.Parameters.Any(parameter => parameter.Name == "WhatIf"));
        string? lacking = null;
        foreach (CommandParameterSetInfo set in sets)
        {
            Dictionary<CommandParameterInfo, JsonObject> described = [];
            CommandParameterInfo? undescribed = null;
            foreach (CommandParameterInfo parameter in set.Parameters.Where(parameter => !s_common.Contains(parameter.Name) && !IsHidden(parameter, set)))
            {
                if (ParameterSchema.Of(parameter, help.OfParameter(parameter.Name), customObjects.Contains(parameter.Name)) is JsonObject schema)
                {
                    described[parameter] = schema;
                }
                else if (parameter.IsMandatory)
                {
                    undescribed ??= parameter;
                }
            }

            if (undescribed is null)
            {
                return new ToolParameters(set, described, supportsShouldProcess);
            }

            lacking ??= $"-{undescribed.Name} of the type [{undescribed.ParameterType}]";
        }

        throw new AmpValidationException(
            $"An agent cannot call {name}: it requires {lacking ?? "parameters"}, which JSON cannot express.",
            "Tool",
            "Choose another parameter set with New-AmpTool -ParameterSet, or wrap the command in a script block with simple parameters.",
            command.Name);
    }

    // Only the text of a function or script contains this.
    private static HashSet<string> CustomObjects(CommandInfo command)
    {
        Ast? tree = (command as FunctionInfo)?.ScriptBlock.Ast ?? (command as ExternalScriptInfo)?.ScriptBlock.Ast;

        // Parameters of "function f($a)" are in the function, those of a param block in its body. Deeper ones belong to others.
        IEnumerable<ParameterAst> parameters = (tree?.FindAll(
            node => node is ParameterAst && (node.Parent == tree || (node.Parent is ParamBlockAst block && (block.Parent == tree || block.Parent?.Parent == tree))),
            searchNestedScriptBlocks: true) ?? []).Cast<ParameterAst>();
        return new HashSet<string>(
            parameters.Where(parameter => parameter.Attributes.Any(attribute =>
                attribute is TypeConstraintAst && (attribute.TypeName as ArrayTypeName)?.ElementType.Name is var item
                && (item ?? attribute.TypeName.Name).Equals("pscustomobject", StringComparison.OrdinalIgnoreCase)))
                .Select(parameter => parameter.Name.VariablePath.UserPath),
            StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsHidden(CommandParameterInfo parameter, CommandParameterSetInfo set) => parameter.Attributes
        .OfType<ParameterAttribute>()
        .Any(attribute => attribute.DontShow && attribute.ParameterSetName is var name && (name == ParameterAttribute.AllParameterSets || name == set.Name));
}
