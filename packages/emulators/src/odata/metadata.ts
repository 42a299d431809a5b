import { findSet } from './condition.js';
import { typeV4 } from './encode-v4.js';
import type { EntitySet, Navigation, Property, Service } from './model.js';
import { pathOf, typeNameOf } from './model.js';

/** `$metadata`: the EDMX of a service, with SAP's annotations where they say something. */

export const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Attributes in the order given; those without a value are left out. */
const attributes = (pairs: readonly (readonly [string, string | number | undefined])[]): string =>
  pairs
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');

const whenFalse = (is: boolean | undefined): string | undefined =>
  is === false ? 'false' : undefined;

export const metadataOf = (service: Service): string =>
  service.version === 2 ? metadataV2(service) : metadataV4(service);

const metadataV2 = (service: Service): string => {
  const types = service.entitySets.map((set) => entityTypeV2(service, set)).join('');
  const links = service.entitySets.flatMap((set) =>
    (set.navigations ?? []).map((navigation) => ({ set, navigation })),
  );
  const associations = links
    .map(({ set, navigation }) => association(service, set, navigation))
    .join('');
  const sets = service.entitySets.map((set) => entitySetV2(service, set)).join('');
  const associationSets = links
    .map(({ set, navigation }) => associationSet(service, set, navigation))
    .join('');
  const { name } = service;
  return `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:sap="http://www.sap.com/Protocols/SAPData"><edmx:DataServices m:DataServiceVersion="2.0"><Schema Namespace="${name}" xml:lang="en" sap:schema-version="1" xmlns="http://schemas.microsoft.com/ado/2008/09/edm">${types}${associations}<EntityContainer Name="${name}_Entities" m:IsDefaultEntityContainer="true" sap:message-scope-supported="true" sap:supported-formats="json">${sets}${associationSets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;
};

const entityTypeV2 = (service: Service, set: EntitySet): string => {
  const keys = set.key.map((name) => `<PropertyRef Name="${name}"/>`).join('');
  const properties = set.properties.map((property) => propertyV2(set, property)).join('');
  const navigations = (set.navigations ?? [])
    .map((navigation) => {
      const name = associationName(set, navigation);
      return `<NavigationProperty${attributes([
        ['Name', navigation.name],
        ['Relationship', `${service.name}.${name}`],
        ['FromRole', `FromRole_${name}`],
        ['ToRole', `ToRole_${name}`],
      ])}/>`;
    })
    .join('');
  const head = attributes([
    ['Name', typeNameOf(set)],
    ['sap:label', set.label],
    ['sap:content-version', 1],
  ]);
  return `<EntityType${head}><Key>${keys}</Key>${properties}${navigations}</EntityType>`;
};

const isNullable = (set: EntitySet, property: Property): boolean =>
  property.isNullable !== false && !set.key.includes(property.name);

const propertyV2 = (set: EntitySet, property: Property): string =>
  `<Property${attributes([
    ['Name', property.name],
    ['Type', property.type],
    ['Nullable', whenFalse(isNullable(set, property))],
    ['MaxLength', property.maxLength],
    ['Precision', property.precision],
    ['Scale', property.scale],
    ['ConcurrencyMode', property.isConcurrencyToken === true ? 'Fixed' : undefined],
    ['sap:is-extension-field', property.isExtension === true ? 'true' : undefined],
    ['sap:unit', property.unit],
    ['sap:display-format', property.displayFormat],
    ['sap:label', property.label],
    ['sap:quickinfo', property.quickInfo],
    ['sap:creatable', whenFalse(property.isCreatable)],
    ['sap:updatable', whenFalse(property.isUpdatable)],
    ['sap:sortable', whenFalse(property.isSortable)],
    ['sap:filterable', whenFalse(property.isFilterable)],
    ['sap:semantics', property.semantics],
  ])}/>`;

const associationName = (set: EntitySet, navigation: Navigation): string =>
  `assoc_${set.name}_${navigation.name}`;

const association = (service: Service, set: EntitySet, navigation: Navigation): string => {
  const name = associationName(set, navigation);
  const target = findSet(service, navigation.target);
  if (target === undefined)
    throw new TypeError(`${set.name}.${navigation.name} leads to no set ${navigation.target}`);
  const end = (role: string, type: EntitySet, multiplicity: string): string =>
    `<End${attributes([
      ['Type', `${service.name}.${typeNameOf(type)}`],
      ['Multiplicity', multiplicity],
      ['Role', `${role}_${name}`],
    ])}/>`;
  const ends = end('FromRole', set, '1') + end('ToRole', target, navigation.multiplicity);
  const head = attributes([
    ['Name', name],
    ['sap:content-version', 1],
  ]);
  return `<Association${head}>${ends}${constraint(name, navigation)}</Association>`;
};

const constraint = (name: string, navigation: Navigation): string => {
  if (navigation.constraint === undefined) return '';
  const side = (element: string, role: string, at: 0 | 1): string => {
    const refs = (navigation.constraint ?? []).map((pair) => `<PropertyRef Name="${pair[at]}"/>`);
    return `<${element} Role="${role}_${name}">${refs.join('')}</${element}>`;
  };
  return `<ReferentialConstraint>${side('Principal', 'FromRole', 0)}${side('Dependent', 'ToRole', 1)}</ReferentialConstraint>`;
};

const entitySetV2 = (service: Service, set: EntitySet): string =>
  `<EntitySet${attributes([
    ['Name', set.name],
    ['EntityType', `${service.name}.${typeNameOf(set)}`],
    ['sap:creatable', whenFalse(set.source.planCreate !== undefined)],
    ['sap:updatable', whenFalse(set.source.planUpdate !== undefined)],
    ['sap:deletable', whenFalse(set.source.planDelete !== undefined)],
    ['sap:content-version', 1],
  ])}/>`;

const associationSet = (service: Service, set: EntitySet, navigation: Navigation): string => {
  const name = associationName(set, navigation);
  const head = attributes([
    ['Name', name],
    ['Association', `${service.name}.${name}`],
    ['sap:creatable', 'false'],
    ['sap:updatable', 'false'],
    ['sap:deletable', 'false'],
    ['sap:content-version', 1],
  ]);
  return `<AssociationSet${head}><End EntitySet="${set.name}" Role="FromRole_${name}"/><End EntitySet="${navigation.target}" Role="ToRole_${name}"/></AssociationSet>`;
};

export const namespaceV4 = (service: Service): string =>
  `com.sap.gateway.srvd_a2x.${service.name.toLowerCase()}.v0001`;

const metadataV4 = (service: Service): string => {
  const namespace = namespaceV4(service);
  const types = service.entitySets.map((set) => entityTypeV4(service, set)).join('');
  const sets = service.entitySets
    .map((set) => {
      const bindings = (set.navigations ?? [])
        .map(({ name, target }) => `<NavigationPropertyBinding Path="${name}" Target="${target}"/>`)
        .join('');
      return `<EntitySet Name="${set.name}" EntityType="${namespace}.${typeNameOf(set)}">${bindings}</EntitySet>`;
    })
    .join('');
  const labels = service.entitySets.flatMap((set) =>
    set.properties.map((property) => annotationsV4(set, property)),
  );
  return `<?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" xmlns="http://docs.oasis-open.org/odata/ns/edm"><edmx:Reference Uri="${pathOf(service)}/$metadata"><edmx:Include Namespace="com.sap.vocabularies.Common.v1" Alias="SAP__common"/></edmx:Reference><edmx:DataServices><Schema Namespace="${namespace}" Alias="SAP__self">${types}<EntityContainer Name="Container">${sets}</EntityContainer>${labels.join('')}</Schema></edmx:DataServices></edmx:Edmx>`;
};

const entityTypeV4 = (service: Service, set: EntitySet): string => {
  const keys = set.key.map((name) => `<PropertyRef Name="${name}"/>`).join('');
  const properties = set.properties
    .map(
      (property) =>
        `<Property${attributes([
          ['Name', property.name],
          ['Type', typeV4(property)],
          ['Nullable', whenFalse(isNullable(set, property))],
          ['MaxLength', property.maxLength],
          ['Precision', typeV4(property) === 'Edm.Date' ? undefined : property.precision],
          ['Scale', property.scale],
        ])}/>`,
    )
    .join('');
  const navigations = (set.navigations ?? [])
    .map((navigation) => {
      const target = findSet(service, navigation.target);
      const type = `${namespaceV4(service)}.${target === undefined ? '' : typeNameOf(target)}`;
      return `<NavigationProperty${attributes([
        ['Name', navigation.name],
        ['Type', navigation.multiplicity === '*' ? `Collection(${type})` : type],
        ['Nullable', navigation.multiplicity === '1' ? 'false' : undefined],
      ])}/>`;
    })
    .join('');
  return `<EntityType Name="${typeNameOf(set)}"><Key>${keys}</Key>${properties}${navigations}</EntityType>`;
};

const annotationsV4 = (set: EntitySet, property: Property): string => {
  if (property.label === undefined) return '';
  const target = `SAP__self.${typeNameOf(set)}/${property.name}`;
  return `<Annotations Target="${target}"><Annotation Term="SAP__common.Label" String="${escapeXml(property.label)}"/></Annotations>`;
};
