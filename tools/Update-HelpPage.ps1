#Requires -Version 7.4

<#
.SYNOPSIS
    Brings the parameters, types and syntax in docs/help/*-*.md up to those of the built module.
.DESCRIPTION
    'build.ps1 Help' builds the module and runs this; it requires platyPS. A new cmdlet gets a page with {{ places to fill in }}, which a test refuses.
    The build itself makes of the pages what Get-Help reads (tools/Amp.HelpBuilder).
#>
[CmdletBinding()]
param(
    # The folder of the Markdown pages.
    [string] $Markdown = (Join-Path $PSScriptRoot '..' 'docs' 'help')
)

$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PlatyPS -MinimumVersion 1.0.0
$fileName = 'Amp.PowerShell.dll-Help.xml'
$utf8 = [System.Text.UTF8Encoding]::new($false)
$work = (New-Item -ItemType Directory (Join-Path ([System.IO.Path]::GetTempPath()) "amp-help-$([guid]::NewGuid().ToString('N'))")).FullName

function Write-Text([string] $Path, [string] $Text) {
    [System.IO.File]::WriteAllText($Path, $Text.ReplaceLineEndings("`n").TrimEnd() + "`n", $utf8)
}

# What platyPS writes of a page, without what changes from day to day and what this module hides.
function Format-Page([string] $Text, [System.Management.Automation.CommandInfo] $Command) {
    $Text = $Text.ReplaceLineEndings("`n") -replace '(?m)^ms\.date:.*\n'
    $hidden = $Command.Parameters.Values | Where-Object { $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow } } | ForEach-Object Name
    foreach ($name in $hidden) {
        $Text = $Text -replace "(?ms)^### -$name\n.*?(?=^##)" -replace "\s\[-$name(?: <\w+>)?\]"
    }

    $Text = $Text -replace '(?ms)^## ALIASES\n.*?(?=^## )', "## ALIASES`n`nThis cmdlet has no aliases.`n`n"

    # The sentences that platyPS has for these two, also behind those of the page.
    $Text = $Text -replace '(?m)(?<=\S\n)(?:Runs the command in a mode that only|Prompts you for confirmation before).*\n'
    $Text -replace '\n{3,}', "`n`n"
}

function Sync-Page([string] $Folder) {
    # A copy without the help file: platyPS would add what Get-Help says to what stands in the page.
    Copy-Item -Recurse (Join-Path $PSScriptRoot '..' 'out' 'Amp') $work
    Remove-Item (Join-Path $work 'Amp' '*' $fileName)
    $module = Import-Module (Join-Path $work 'Amp' 'Amp.psd1') -PassThru
    foreach ($command in $module.ExportedCmdlets.Values | Sort-Object Name) {
        $page = Join-Path $Folder "$($command.Name).md"
        $copy = Join-Path $work "$($command.Name).md"
        if (Test-Path -LiteralPath $page) {
            Copy-Item -LiteralPath $page $copy
            $null = Update-MarkdownCommandHelp -Path $copy -NoBackup
        } else {
            $copy = (New-MarkdownCommandHelp -CommandInfo $command -OutputFolder $work -Force).FullName
        }

        Write-Text $page (Format-Page (Get-Content -Raw -LiteralPath $copy) $command)
    }
}

try {
    Sync-Page $Markdown
} finally {
    Remove-Item -LiteralPath $work -Recurse -Force
}
