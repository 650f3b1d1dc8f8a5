"""TypeScript client of the three services: types generated from their OpenAPI documents."""
